"""cttoolkit collect: copy a bucket's evidence, and say what the manifest's hash is."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from cttoolkit.collection.collect import collect
from cttoolkit.text import visible
from cttoolkit.window import Window, written

__all__ = ["run"]

_EARLIEST = "2000-01-01T00:00:00Z"
_SHOWN = 20


def run(options: argparse.Namespace) -> int:
    window = None
    if options.start is not None or options.end is not None:
        window = Window.of(options.start or _EARLIEST, options.end or written(_now()))
    done = collect(
        options.source,
        options.folder,
        window=window,
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
    for conflict in done.conflicts:
        print(f"conflict: {visible(conflict)}; collect into another folder", file=sys.stderr)
    for what, why in list(done.not_collected.items())[:_SHOWN]:
        print(f"not collected: {visible(what)}: {visible(why)}", file=sys.stderr)
    if len(done.not_collected) > _SHOWN:
        print(f"… and {len(done.not_collected) - _SHOWN:,} more; manifest.json has them all", file=sys.stderr)
    if done.conflicts:
        return 1
    return 0 if done.is_whole else 3


def _now() -> datetime:
    return datetime.now(UTC)
