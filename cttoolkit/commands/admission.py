"""What the options of a command admit, and the steps that they take from there."""

from __future__ import annotations

import argparse
import difflib
import sys

from cttoolkit.calls import CATEGORIES
from cttoolkit.errors import ActorError, AdmissionError
from cttoolkit.events import Events, admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verify import verify
from cttoolkit.text import visible
from cttoolkit.window import Window

__all__ = ["admitted", "asked", "narrowed", "stepped", "tell_left_out"]

_ALIKE = 0.8
"""How like another name one has to be to be taken for a slip."""


def admitted(options: argparse.Namespace) -> Events:
    verification = verify(
        open_evidence(options.evidence), load_keys(*options.keys), workspace=options.workspace, rehash=options.rehash
    )
    policy = IntactOnly() if options.accept_unverified is None else AcceptUnverified(options.accept_unverified)
    try:
        return admit(verification, policy)
    except AdmissionError as error:
        logs = verification.counts(Kind.LOG)
        remedies = ["collect the digests and their keys" if options.keys else "give their public keys, --keys FILE"]
        if not verification.evidence.digests:
            remedies = ["collect the digests"]
        if options.accept_unverified is None and (logs[Status.UNVERIFIABLE] or logs[Status.UNLISTED]):
            remedies.append('admit with --accept-unverified "REASON"')
        raise AdmissionError(error.subject, error.wrong, ", or ".join(remedies)) from error


def tell_left_out(events: Events) -> None:
    """On standard error, how many log files the policy left out, where there are any: what is not shown may stand in them."""
    logs = events.verification.counts(Kind.LOG)
    out = " · ".join(
        f"{count:,} {status.value}" for status, count in logs.items() if count and status not in events.policy.admits
    )
    if out:
        print(f"log files left out: {out}; what is not shown may stand there: see cttoolkit verify", file=sys.stderr)


def stepped(options: argparse.Namespace, events: Events) -> Events:
    """All steps but that in time."""
    if options.by:
        try:
            events = events.by(options.by)
        except ActorError as error:
            remedy = error.remedy.replace("ct.pivot.actors(events)", "cttoolkit events --pivot actors")
            raise ActorError(error.subject, error.wrong, remedy) from error
    if options.name:
        _tell_slips(options.name, events)
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


def _tell_slips(names: list[str], events: Events) -> None:
    """On standard error, names that no admitted event has and that are almost another's: a slip would look like silence."""
    seen = set(events.root.table.select("event_name").distinct().to_pyarrow()["event_name"].to_pylist()) - {None}
    known = sorted(seen.union(*CATEGORIES.values()))
    lower = {name.lower(): name for name in known}
    for name in names:
        if name not in known and (near := difflib.get_close_matches(name.lower(), lower, 1, _ALIKE)):
            print(
                f"--name {visible(name)}: no admitted event is named so; nearest: {visible(lower[near[0]])}",
                file=sys.stderr,
            )


def asked(options: argparse.Namespace, events: Events) -> Window | None:
    """The window of --from and --to; an end that was not given is that of all admitted events."""
    if options.start is None and options.end is None:
        return None
    if options.start is not None and options.end is not None:
        return Window.of(options.start, options.end)
    whole = events.root.window
    return Window.of(options.start or whole.start, options.end or whole.end)


def narrowed(options: argparse.Namespace) -> Events:
    """The admitted events after all steps."""
    events = admitted(options)
    window = asked(options, events)
    events = stepped(options, events)
    return events if window is None else events.during(window)
