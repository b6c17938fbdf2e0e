"""What the options of a command admit, and the steps that they take from there."""

from __future__ import annotations

import argparse

from cttoolkit.events import Events, admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verify import verify
from cttoolkit.window import Window

__all__ = ["admitted", "asked", "narrowed", "stepped"]


def admitted(options: argparse.Namespace) -> Events:
    verification = verify(
        open_evidence(options.evidence), load_keys(*options.keys), workspace=options.workspace, rehash=options.rehash
    )
    policy = IntactOnly() if options.accept_unverified is None else AcceptUnverified(options.accept_unverified)
    return admit(verification, policy)


def stepped(options: argparse.Namespace, events: Events) -> Events:
    """All steps but that in time."""
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
