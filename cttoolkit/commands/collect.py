"""cttoolkit collect: copy evidence from a bucket or an API, and say what the manifest's hash is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from cttoolkit.collection.collect import collect
from cttoolkit.collection.event_collection import EventCollection
from cttoolkit.collection.event_history import collect_event_history
from cttoolkit.collection.log_group import collect_log_group
from cttoolkit.text import visible
from cttoolkit.window import Window, written

__all__ = ["ask_event_history", "ask_log_group", "run"]

_EARLIEST = "2000-01-01T00:00:00Z"
_SHOWN = 20


def run(options: argparse.Namespace) -> int:
    done = collect(
        options.source,
        options.folder,
        window=_window(options),
        accounts=options.account_id,
        regions=options.region,
        organizations=options.org_id,
        versions=options.versions,
        configuration=not options.no_configuration,
        profile=options.profile,
        role_arn=options.role_arn,
        endpoint_url=options.endpoint_url,
        signing_key=options.signing_key,
        workers=options.workers,
        clock=_now,
    )
    print(done.sentence)
    for key in done.recovered[:_SHOWN]:
        print(f"recovered: {visible(key)}")
    return _say_rest(done.not_collected, done.conflicts)


def ask_event_history(options: argparse.Namespace) -> int:
    return _say(
        collect_event_history(
            options.folder,
            window=_window(options),
            regions=options.region,
            profile=options.profile,
            role_arn=options.role_arn,
            endpoint_url=options.endpoint_url,
            signing_key=options.signing_key,
            clock=_now,
        )
    )


def ask_log_group(options: argparse.Namespace) -> int:
    return _say(
        collect_log_group(
            options.group,
            options.folder,
            window=_window(options),
            region=options.region,
            profile=options.profile,
            role_arn=options.role_arn,
            endpoint_url=options.endpoint_url,
            signing_key=options.signing_key,
            clock=_now,
        )
    )


def _say(done: EventCollection) -> int:
    print(done.sentence)
    for note in done.notes:
        print(f"note: {visible(note)}", file=sys.stderr)
    return _say_rest(done.not_collected, done.conflicts)


def _say_rest(not_collected: Mapping[str, str], conflicts: Sequence[str]) -> int:
    for conflict in conflicts:
        print(f"conflict: {visible(conflict)}; collect into another folder", file=sys.stderr)
    for what, why in list(not_collected.items())[:_SHOWN]:
        print(f"not collected: {visible(what)}: {visible(why)}", file=sys.stderr)
    if len(not_collected) > _SHOWN:
        print(f"… and {len(not_collected) - _SHOWN:,} more; manifest.json has them all", file=sys.stderr)
    if conflicts:
        return 1
    return 3 if not_collected else 0


def _window(options: argparse.Namespace) -> Window | None:
    if options.start is None and options.end is None:
        return None
    return Window.of(options.start or _EARLIEST, options.end or written(_now()))


def _now() -> datetime:
    return datetime.now(UTC)
