"""The command line: verify, events, report, keys, sample, lab.

Exit codes of verify: 0 all intact and covered, 1 something altered, missing or unlisted, 2 misuse or unreadable input,
3 nothing wrong but something could not be verified. The others: 0 done, 2 misuse or unreadable input.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cttoolkit.arguments import command_line
from cttoolkit.display import csv_table, text_table
from cttoolkit.errors import ColumnError, CttoolkitError, EvidenceError, WindowError
from cttoolkit.events import Events, admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import conclude
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.document import document
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.integrity.verification import Verification
from cttoolkit.integrity.verify import verify
from cttoolkit.pivot import Pivot
from cttoolkit.text import visible
from cttoolkit.window import Window

__all__ = ["main"]

_EARLIEST, _LATEST = "2000-01-01T00:00:00Z", "2200-01-01T00:00:00Z"
_SHOWN_KEYS = 10
_SHOWN_SKIPS = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = command_line().parse_args(arguments)
    try:
        code = _COMMANDS[options.run](options)
        sys.stdout.flush()
    except CttoolkitError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"cttoolkit {options.command}: interrupted; run it again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read us has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def _verify(options: argparse.Namespace) -> int:
    window = None
    if options.start is not None or options.end is not None:
        window = Window.of(options.start or _EARLIEST, options.end or _LATEST)
    verification = verify(
        open_evidence(options.evidence),
        load_keys(*options.keys),
        window=window,
        accounts=options.account_id,
        regions=options.region,
        load=options.workspace is not None,
        workspace=options.workspace,
        rehash=options.rehash,
    )
    if options.format == "json":
        print(json.dumps(document(verification), indent=2))
    else:
        _print_verification(verification)
    counts = verification.counts()
    if verification.completeness.unread:
        for key, problem in verification.completeness.unread.items():
            print(f"{visible(key)}: {problem}", file=sys.stderr)
        return 2
    if counts[Status.ALTERED] or counts[Status.MISSING] or counts[Status.UNLISTED]:
        return 1
    return 0 if verification.is_whole else 3


def _print_verification(verification: Verification) -> None:
    print(verification.sentence)
    _print_doubtful([verdict for verdict in verification.verdicts if verdict.status is not Status.INTACT])
    print("\nCoverage by verified digests (delivery time):")
    for chain in verification.coverage.chains:
        for interval in chain.intervals:
            reason = "" if interval.state is State.COVERED else f"  {interval.reason}"
            print(f"  {visible(chain.chain)}  {interval.window}  {interval.state.value}{visible(reason)}")
    if not verification.coverage.chains:
        print("  none")
    done = verification.completeness
    loaded = ""
    if verification.shards is not None:
        loaded = f"{done.records:,} records · {done.rows:,} rows · {len(done.skips):,} skipped · {done.duplicates:,} duplicates · "
    print(f"\n{done.present:,} log files present, {done.listed:,} listed · {loaded}{len(done.others):,} other files")
    for skip in done.skips[:_SHOWN_SKIPS]:
        place = "" if skip.index is None else f" record {skip.index}"
        print(f"  skipped {visible(skip.log_file)}{place}: {visible(skip.reason)}")
    for file in verification.keyring.files:
        print(f"keys: {file.path} (sha256 {file.sha256}), {verification.key_provenance.value}")


def _print_doubtful(doubtful: Sequence[Verdict]) -> None:
    """What is not intact, told once for each kind of trouble, with a few keys each."""
    troubles: dict[tuple[Status, str], list[Verdict]] = {}
    for verdict in sorted(doubtful, key=lambda verdict: -verdict.status.rank):
        troubles.setdefault((verdict.status, verdict.reason), []).append(verdict)
    for (status, reason), verdicts in troubles.items():
        print(f"\n{status.value}: {visible(reason)}")
        for verdict in verdicts[:_SHOWN_KEYS]:
            print(f"  {visible(verdict.key)}" + (f"  ({visible(verdict.note)})" if verdict.note else ""))
        if len(verdicts) > _SHOWN_KEYS:
            print(f"  … and {len(verdicts) - _SHOWN_KEYS:,} more; --format json has them all")


def _admitted(options: argparse.Namespace) -> Events:
    verification = verify(
        open_evidence(options.evidence), load_keys(*options.keys), workspace=options.workspace, rehash=options.rehash
    )
    policy = IntactOnly() if options.accept_unverified is None else AcceptUnverified(options.accept_unverified)
    return admit(verification, policy)


def _stepped(options: argparse.Namespace, events: Events) -> Events:
    if options.by:
        events = events.by(options.by)
    if options.name:
        events = events.named(*options.name)
    if options.region:
        events = events.in_region(*options.region)
    if options.account_id:
        events = events.in_account(*options.account_id)
    if options.address:
        events = events.from_address(*options.address)
    if options.access_key:
        events = events.with_key(*options.access_key)
    return events.failed() if options.failed else events


def _asked(options: argparse.Namespace, events: Events) -> Window | None:
    """The window of --from and --to; an end that was not given is that of all admitted events."""
    if options.start is None and options.end is None:
        return None
    if options.start is not None and options.end is not None:
        return Window.of(options.start, options.end)
    whole = events.root.window
    return Window.of(options.start or whole.start, options.end or whole.end)


def _events(options: argparse.Namespace) -> int:
    events = _admitted(options)
    window = _asked(options, events)
    events = _stepped(options, events)
    if window is not None:
        events = events.during(window)
    if options.plot:
        _save_plot(options, events)
    told = visible(repr(events))
    if options.pivot or options.touched:
        regrouped = _regrouped(options, events)
        told = visible(regrouped.caption)
        found = regrouped.frame()
        columns, rows = list(found.columns), [tuple(row) for row in found.itertuples(index=False)]
    else:
        limit = options.limit if options.limit is not None or options.format != "text" else 50
        shown = ("event_time", "event_name", "aws_region", "actor", "source_ip_address", "error_code", "status")
        found = events.frame(*(shown if options.format == "text" else ()), limit=limit)
        columns, rows = list(found.columns), [tuple(row) for row in found.itertuples(index=False)]
    rows = rows[: options.limit] if options.limit is not None else rows
    if options.format == "csv":
        print(csv_table(columns, rows), end="")
    elif options.format == "jsonl":
        sys.stdout.write(
            found.head(len(rows)).to_json(orient="records", lines=True, date_format="iso", force_ascii=True)
        )
    else:
        print(told)
        print(text_table(columns, rows))
    return 0


def _regrouped(options: argparse.Namespace, events: Events) -> Pivot:
    from cttoolkit import pivot

    if options.touched:
        return pivot.history(events, options.touched)
    regroup = getattr(pivot, "access_keys" if options.pivot == "keys" else options.pivot)
    since = inspect.signature(regroup).parameters.get("since")
    if options.since is not None and since is None:
        raise WindowError("--since", f"{options.pivot} has no baseline", "leave it out, or narrow with --from")
    if options.since is None and since is not None and since.default is inspect.Parameter.empty:
        raise WindowError(options.pivot, "since when is not said", "add --since TIME, before which the baseline lies")
    rows: Pivot = regroup(events) if options.since is None else regroup(events, since=options.since)
    return rows


def _save_plot(options: argparse.Namespace, events: Events) -> None:
    from cttoolkit import plot

    if events.verification.evidence.holds(options.plot):
        raise EvidenceError(
            options.plot, "it lies inside the evidence, which is never written to", "choose another place"
        )
    draw = getattr(plot, options.pivot or "timeline", None)
    if draw is None:
        raise ColumnError(
            options.pivot, "there is no picture of this axis", "plot actors, roles, regions, names, addresses or hours"
        )
    try:
        draw(events).save(options.plot)
    except (OSError, ValueError) as error:
        raise EvidenceError(
            options.plot, str(error), "give a file that can be written, ending in .png, .svg or .pdf"
        ) from error


def _report(options: argparse.Namespace) -> int:
    from cttoolkit.report import report

    events = _admitted(options)
    window = _asked(options, events)
    conclusion = conclude(options.present, options.absent, _stepped(options, events), window)
    report([conclusion], to=options.output)
    print(events.verification.sentence)
    print(visible(repr(conclusion)))
    print(visible(conclusion.sentence))
    print(options.output)
    return 0


def _keys(options: argparse.Namespace) -> int:
    from cttoolkit.sources.public_keys import dump, list_public_keys, open_session

    window = Window.of(options.start, options.end)
    document = list_public_keys(options.region, window, open_session(options.profile))
    try:
        with Path(options.output).open("xb") as file:
            file.write(dump(document))
    except OSError as error:
        wrong = (error.strerror or str(error)).lower()
        raise EvidenceError(options.output, wrong, "name a new file that can be written") from error
    print(f"{len(document['PublicKeyList'])} keys: {options.output}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    from cttoolkit.training.worlds import write_sample

    write_sample(options.name, options.output, seed=options.seed)
    print(options.output)
    return 0


def _lab(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "jupyterlab", f"--port={options.port}", f"--notebook-dir={options.folder}"]
    os.execv(sys.executable, command)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "verify": _verify,
    "events": _events,
    "report": _report,
    "keys": _keys,
    "sample": _sample,
    "lab": _lab,
}

if __name__ == "__main__":
    raise SystemExit(main())
