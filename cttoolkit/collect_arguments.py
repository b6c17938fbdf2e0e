"""What may be asked of cttoolkit collect: a bucket, or one of two APIs that tell events and have no digests."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["add_collect"]

_APIS = """\
Events without digests are told by two APIs, each with options of its own and a --help (docs/event-history.md):
  %(prog)s event-history DIR        what CloudTrail keeps of every account for 90 days
  %(prog)s cloudwatch GROUP DIR     a log group of CloudWatch Logs that a trail delivers to
"""


def add_collect(commands: Any) -> None:
    """Add collect to the commands. An API's name in the place of the bucket chooses other arguments."""
    parser = commands.add_parser(
        "collect",
        help="copy a bucket's logs, digests and keys, with custody: docs/collect.md",
        description="Copy a bucket's logs, digests and keys, with custody: docs/collect.md",
        epilog=_APIS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="s3://BUCKET[/PREFIX]", help="the bucket, and what stands before AWSLogs/")
    _add_folder(parser)
    parser.add_argument("--from", dest="start", metavar="TIME", help="delivered from then on: ISO 8601 with an offset")
    parser.add_argument("--to", dest="end", metavar="TIME", help="delivered before then: ISO 8601 with an offset")
    parser.add_argument(
        "--account-id", action="append", default=[], metavar="ID", help="this account only (repeatable)"
    )
    parser.add_argument("--region", action="append", default=[], help="this region only (repeatable)")
    parser.add_argument(
        "--org-id", action="append", default=[], metavar="o-ID", help="this organization only (repeatable)"
    )
    parser.add_argument("--versions", action="store_true", help="older versions too, and what they recover")
    parser.add_argument(
        "--no-configuration", action="store_true", help="objects only: no keys, trails or bucket settings"
    )
    _add_access(parser, "S3")
    parser.add_argument("--workers", type=int, default=32, metavar="N", help="objects that are fetched at once (32)")
    parser.set_defaults(run="collect")
    for name, add in (("event-history", _event_history), ("cloudwatch", _cloudwatch)):
        parser.instead[name] = add(type(parser), f"{parser.prog} {name}")


def _event_history(make: type[argparse.ArgumentParser], prog: str) -> argparse.ArgumentParser:
    parser = make(prog=prog, description="Keep what LookupEvents tells: management events, 90 days, no digests.")
    _add_folder(parser)
    parser.add_argument("--from", dest="start", metavar="TIME", help="events from then on: ISO 8601 with an offset")
    parser.add_argument("--to", dest="end", metavar="TIME", help="events before then: ISO 8601 with an offset")
    parser.add_argument(
        "--region", action="append", default=[], help="this region only (repeatable; default: all that are enabled)"
    )
    _add_access(parser, "CloudTrail")
    parser.set_defaults(run="collect event-history")
    return parser


def _cloudwatch(make: type[argparse.ArgumentParser], prog: str) -> argparse.ArgumentParser:
    parser = make(prog=prog, description="Keep what FilterLogEvents tells of a log group: no digests.")
    parser.add_argument("group", metavar="GROUP", help="the name of the log group, or its ARN")
    _add_folder(parser)
    parser.add_argument("--from", dest="start", metavar="TIME", help="messages from then on: ISO 8601 with an offset")
    parser.add_argument("--to", dest="end", metavar="TIME", help="messages before then: ISO 8601 with an offset")
    parser.add_argument("--region", help="where the group lies (default: the profile's)")
    _add_access(parser, "CloudWatch Logs")
    parser.set_defaults(run="collect cloudwatch")
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a new folder, or that of an earlier collection to add to")


def _add_access(parser: argparse.ArgumentParser, service: str) -> None:
    parser.add_argument("--profile", help="a profile of the AWS configuration")
    parser.add_argument("--role-arn", metavar="ARN", help="a role to assume")
    parser.add_argument("--endpoint-url", metavar="URL", help=f"of {service}, where it is not AWS's")
    parser.add_argument("--signing-key", metavar="FILE.pem", help="sign the manifest with this Ed25519 private key")
