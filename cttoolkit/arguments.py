"""What may be asked on the command line."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from cttoolkit import __version__
from cttoolkit.collect_arguments import add_collect
from cttoolkit.text import visible

__all__ = ["command_line"]

AXES = (
    "accounts actors addresses agent_families agents credentials errors hours access_keys keys names networks principals "
    "regions roles services sessions"
).split()

LEADS = (
    "beacons bursts crossings denied_runs drift enumerations fan_out first_seen folded mixed_agents namesakes new_agents "
    "new_regions objects off_hours openings overlaps rare rare_sequences refusals secrets silences stretches travel turns "
    "unusual_sessions volume_out"
).split()


SEVERITIES = ("critical", "high", "medium", "low", "informational")


class _Parser(argparse.ArgumentParser):
    """One line for misuse, as for every other error; ``--help`` has the rest.

    ``instead`` has parsers by the first argument that calls for them in the place of this one.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.instead: dict[str, argparse.ArgumentParser] = {}

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if args and args[0] in self.instead:
            return self.instead[args[0]].parse_known_args(args[1:], namespace)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {visible(message)}; see {self.prog} --help\n")


def command_line() -> argparse.ArgumentParser:
    """The parser of all commands; `run` names the one that was asked for."""
    parser = _Parser(prog="cttoolkit", description="Forensic investigation of AWS CloudTrail, offline.")
    parser.add_argument("--version", action="version", version=f"cttoolkit {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    add_collect(commands)
    for add in (_verify, _events, _detect, _report, _export, _posture, _keys, _sample, _lab, _playbook):
        add(commands)
    return parser


def _verify(commands: Any) -> None:
    parser = commands.add_parser("verify", help="judge every object of the evidence")
    _add_evidence(parser)
    parser.add_argument("--from", dest="start", metavar="TIME", help="delivered from then on: ISO 8601 with an offset")
    parser.add_argument("--to", dest="end", metavar="TIME", help="delivered before then: ISO 8601 with an offset")
    parser.add_argument(
        "--account-id", action="append", default=[], metavar="ID", help="this account only (repeatable)"
    )
    parser.add_argument("--region", action="append", default=[], help="this region only (repeatable)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what is printed")
    parser.add_argument(
        "--custody-key", metavar="FILE.pem", help="the public key that signed the manifest of the collection"
    )
    parser.set_defaults(run="verify")


def _events(commands: Any) -> None:
    parser = commands.add_parser("events", help="admit events, narrow them, and show, regroup or plot them")
    _add_evidence(parser)
    _add_steps(parser)
    parser.add_argument("--pivot", choices=[*AXES, *LEADS], metavar="PIVOT", help="regroup: docs/pivots.md")
    parser.add_argument("--since", metavar="TIME", help="what is new or more in a pivot is so from then on")
    parser.add_argument("--touched", metavar="RESOURCE", help="who touched it: a name or an ARN")
    parser.add_argument("--plot", metavar="FILE", help="write a picture: the timeline, or of --pivot actors, regions …")
    parser.add_argument("--format", choices=("text", "csv", "jsonl"), default="text", help="of what is printed")
    parser.add_argument("--limit", type=int, default=None, help="show at most this many rows (text: 50)")
    parser.set_defaults(run="events")


def _report(commands: Any) -> None:
    parser = commands.add_parser("report", help="answer one question from the events, and write a report")
    _add_evidence(parser)
    _add_steps(parser)
    parser.add_argument("--present", required=True, metavar="CLAIM", help="what to say where events match")
    parser.add_argument("--absent", required=True, metavar="CLAIM", help="what to say where none does")
    parser.add_argument("--output", "-o", required=True, metavar="FILE.html", help="where to write the report")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what is printed")
    _add_heading(parser)
    parser.set_defaults(run="report")


def _detect(commands: Any) -> None:
    parser = commands.add_parser(
        "detect", help="ask the detections, or Sigma rules, and list what they saw: docs/detections.md"
    )
    _add_evidence(parser)
    _add_steps(parser)
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="a detection, a family, cis, or catalogue for all of them (repeatable)",
    )
    parser.add_argument(
        "--sigma", action="append", default=[], metavar="DIR", help="Sigma rules, a folder or a file (repeatable)"
    )
    parser.add_argument(
        "--placeholder",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="what a rule leaves open (repeatable)",
    )
    parser.add_argument("--least", choices=SEVERITIES, default="informational", help="nothing less severe than this")
    parser.add_argument("--report", metavar="FILE.html", help="put what was seen into a report as well")
    _add_heading(parser)
    parser.add_argument("--format", choices=("text", "csv", "json"), default="text", help="of what is printed")
    parser.set_defaults(run="detect")


def _export(commands: Any) -> None:
    parser = commands.add_parser("export", help="write events for another tool: docs/exports.md")
    _add_evidence(parser)
    _add_steps(parser)
    parser.add_argument(
        "--format", required=True, choices=("csv", "navigator", "ocsf", "parquet", "timesketch"), help="of the file"
    )
    parser.add_argument(
        "--output", "-o", required=True, metavar="FILE", help="ending in .csv, .json, .jsonl or .parquet"
    )
    parser.set_defaults(run="export")


def _posture(commands: Any) -> None:
    parser = commands.add_parser(
        "posture", help="ask whether the trails themselves are fit to be evidence: docs/posture.md"
    )
    parser.add_argument(
        "--profile", help="ask live, with a profile of the AWS configuration (default: the environment's)"
    )
    parser.add_argument(
        "--role-arn",
        action="append",
        default=[],
        metavar="ARN",
        help="ask live, through a role; one an account (repeatable)",
    )
    parser.add_argument("--region", help="where to ask what is the same in all regions")
    parser.add_argument("--record", metavar="DIR", help="write every answer there, to be asked again without AWS")
    parser.add_argument("--collected", metavar="DIR", help="ask what was recorded there, and not AWS")
    parser.add_argument("--evidence", metavar="EVIDENCE", help="folder, zip, tar or s3://bucket/prefix with AWSLogs/")
    parser.add_argument(
        "--keys", action="append", default=[], metavar="FILE", help="an answer of list-public-keys (repeatable)"
    )
    parser.add_argument("--workspace", metavar="DIR", help="keep shards and verdicts there, and resume from there")
    parser.add_argument(
        "--accept-unverified", metavar="REASON", help="admit files that no digest vouches for, and say why"
    )
    parser.add_argument("--as-of", metavar="TIME", help="what the trails recorded then, as the evidence shows it")
    parser.add_argument(
        "--retention-days", type=int, default=365, metavar="N", help="log files are to be kept for (default: 365)"
    )
    parser.add_argument(
        "--sensitive",
        action="append",
        default=[],
        metavar="ARN",
        help="its data events should be recorded (repeatable)",
    )
    parser.add_argument(
        "--steward",
        action="append",
        default=[],
        metavar="NAME",
        help="a user, role or group that may stop a trail (repeatable)",
    )
    parser.add_argument("--format", choices=("text", "json", "html"), default="text", help="of what is written")
    parser.add_argument("--output", "-o", metavar="FILE", help="write there instead of printing")
    parser.set_defaults(run="posture", rehash=False)


def _keys(commands: Any) -> None:
    parser = commands.add_parser("keys", help="ask AWS for the public keys of a period, and save them")
    parser.add_argument("--region", action="append", required=True, help="a region of the digests (repeatable)")
    parser.add_argument("--from", dest="start", required=True, metavar="TIME", help="ISO 8601 with an offset")
    parser.add_argument("--to", dest="end", required=True, metavar="TIME", help="ISO 8601 with an offset")
    parser.add_argument("--profile", help="a profile of the AWS configuration")
    parser.add_argument("--output", "-o", required=True, metavar="FILE.json", help="keep it apart from the evidence")
    parser.set_defaults(run="keys")


def _sample(commands: Any) -> None:
    parser = commands.add_parser("sample", help="write a signed world to practise on")
    parser.add_argument("name", metavar="NAME", help="of a world: docs/samples.md lists them")
    parser.add_argument("output", metavar="OUT", help="a new folder")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other keys and another everyday life")
    parser.add_argument("--days", type=int, help="how long it lasts (default: as long as the story needs)")
    parser.add_argument(
        "--events", type=int, help="about how many events, a million if you like (default: a few thousand)"
    )
    parser.set_defaults(run="sample")


def _lab(commands: Any) -> None:
    parser = commands.add_parser("lab", help="copy notebooks and samples to a folder, and open JupyterLab there")
    parser.add_argument("folder", nargs="?", metavar="DIR", help="default: cttoolkit-lab, or a checkout as it stands")
    parser.add_argument("--port", type=int, default=8888, help="where JupyterLab listens")
    parser.add_argument("--copy-only", action="store_true", help="open nothing")
    parser.set_defaults(run="lab")


def _playbook(commands: Any) -> None:
    parser = commands.add_parser("playbook", help="list the playbooks, or run one on a case: docs/playbooks.md")
    parser.add_argument("number", nargs="?", metavar="NUMBER", help="02, or 2; without it, the list")
    parser.add_argument("--case", metavar="EVIDENCE", help="folder, zip, tar or s3://bucket/prefix with AWSLogs/")
    parser.add_argument("--keys", metavar="FILE", help="an answer of list-public-keys")
    parser.add_argument("--suspect", metavar="ACTOR", help="an ARN, or an end of one; without it, the notebook looks")
    parser.add_argument("--start", metavar="TIME", help="of the window in question: ISO 8601 with an offset")
    parser.add_argument("--end", metavar="TIME", help="ISO 8601 with an offset, exclusive")
    parser.add_argument(
        "--accept-unverified", metavar="REASON", help="admit files that no digest vouches for, and say why"
    )
    parser.add_argument("--output", "-o", metavar="DIR", help="where to write (default: named after case and playbook)")
    parser.set_defaults(run="playbook")


def _pair(text: str) -> tuple[str, str]:
    name, stands, value = text.partition("=")
    if not name or not stands:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _add_heading(parser: argparse.ArgumentParser) -> None:
    """What stands at the head of a report, and beside it."""
    parser.add_argument("--title", default="CloudTrail findings", help="of the report")
    parser.add_argument("--author", metavar="NAME", help="who prepared the report")
    parser.add_argument(
        "--about",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="a case number, a date (repeatable)",
    )
    parser.add_argument("--cited", metavar="FILE.csv", help="write every event that the report cites as a table")


def _add_evidence(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("evidence", metavar="EVIDENCE", help="folder, zip, tar or s3://bucket/prefix with AWSLogs/")
    parser.add_argument(
        "--keys", action="append", default=[], metavar="FILE", help="an answer of list-public-keys (repeatable)"
    )
    parser.add_argument("--workspace", metavar="DIR", help="keep shards and verdicts there, and resume from there")
    parser.add_argument("--rehash", action="store_true", help="hash the evidence again, whatever the workspace keeps")


def _add_steps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept-unverified", metavar="REASON", help="admit files that no digest vouches for, and say why"
    )
    parser.add_argument("--by", metavar="ACTOR", help="an ARN, or an end of one: user/alice")
    parser.add_argument("--from", dest="start", metavar="TIME", help="ISO 8601 with an offset")
    parser.add_argument("--to", dest="end", metavar="TIME", help="ISO 8601 with an offset, exclusive")
    parser.add_argument("--name", action="append", default=[], metavar="EVENT", help="event name (repeatable)")
    parser.add_argument("--region", action="append", default=[], help="region of the call (repeatable)")
    parser.add_argument(
        "--account-id", action="append", default=[], metavar="ID", help="account that recorded it (repeatable)"
    )
    parser.add_argument("--address", action="append", default=[], help="source address (repeatable)")
    parser.add_argument("--access-key", action="append", default=[], metavar="KEY", help="access key id (repeatable)")
    parser.add_argument("--failed", action="store_true", help="only events that failed: with an error code or message")
