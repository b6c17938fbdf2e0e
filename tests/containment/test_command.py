"""Calls to AWS as text: names in them were chosen by whoever attacked."""

import shlex
import subprocess

import pytest

from cttoolkit.containment.command import command

HOSTILE = ["a; touch /tmp/x", "$(id)", "`id`", "a'b\"c", "a b", "*", "~root", "a|b&c>d", "!x", "é"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_word_of_a_shell(name):
    line = command("echo", "--user-name", name)
    assert shlex.split(line) == ["echo", "--user-name", name]
    said = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert said == f"--user-name {name}\n"


@pytest.mark.parametrize(
    "name",
    [
        "a\nrm -rf x",
        "a\x00",
        "a\x1b[2J",
        "a\u202eb",
        "a\u200bb",
        "file:///etc/passwd",
        "FILEB://x",
        "https://x",
        "",
        None,
        "a" * 1001,
    ],
)
def test_what_cannot_be_pasted_safely_is_not_written(name):
    assert command("aws", "iam", "get-user", "--user-name", name) is None


def test_a_name_like_an_option_is_tied_to_its_own():
    assert command("aws", "iam", "get-user", "--user-name", "-x") == "aws iam get-user --user-name=-x"
    said = command("aws", "iam", "get-user", "--user-name", "--profile", "--output", "text")
    assert said == "aws iam get-user --user-name=--profile --output text"


def test_one_of_several_names_is_no_option():
    assert command("aws", "ec2", "stop-instances", "--instance-ids", "i-1", "-i") is None
