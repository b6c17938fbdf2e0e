"""People to ask: who stood behind the suspects' credentials, who made what they used, and who reacted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.containment.facts import Fact, Task, judged, weakest
from cttoolkit.events import Events
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    from cttoolkit.session.chain import Chains

__all__ = ["people"]

_SHORTEST, _MOST_TEXT = 6, 8_000
"""Of a name, and of the names that are sought at once: an engine for regular expressions is slow on longer ones."""


def people(suspects: Events, names: Iterable[str], chains: Chains | None = None) -> list[Fact]:
    """``names`` are of keys, users, roles and resources: who changed one of them, and is no suspect, made it or reacted.

    ``chains`` are those of the admitted events, where they are known.
    """
    return [*_identities(suspects), *_origins(suspects, chains), *_others(suspects, list(names))]


def _identities(suspects: Events) -> list[Fact]:
    """Source identities, which stay with a session through every role that it changes into."""
    known = suspects.where(lambda e: e.source_identity.notnull())
    rows = _counted(known, "source_identity")
    return [
        _fact("source identity", row["source_identity"], row, known.where(source_identity=row["source_identity"]), "")
        for row in rows
    ]


def _origins(suspects: Events, chains: Chains | None) -> list[Fact]:
    """Persons that the chains of credentials lead up to, by joins that are strong or better."""
    if not suspects:
        return []
    # It needs NumPy, which would make `import cttoolkit` slow.
    from cttoolkit.session.origins import behind

    found = behind(suspects, known=chains).frame()
    told: dict[str, list[str]] = {}
    for row in found[found.person != ""].itertuples(index=False):
        told.setdefault(str(row.person), []).append(str(row.credential))
    facts = []
    for person, credentials in sorted(told.items()):
        events = suspects.where(_with_credentials(credentials))
        note = "whose credentials these were; not proved to have used them"
        facts += [_fact("stood behind", person, row, events, note) for row in _counted(events)]
    return facts


def _with_credentials(names: list[str]) -> Match:
    return Match("with these credentials", lambda table: table.credential.isin(names))


def _others(suspects: Events, names: list[str]) -> list[Fact]:
    """Who else changed what the suspects used or made: before their first event as who made it, from then on as who reacted."""
    sought = [name for name in dict.fromkeys(names) if len(name) >= _SHORTEST]
    span = suspects.span
    if not sought or span is None:
        return []
    theirs = suspects.table.filter(suspects.table.actor.notnull()).select("actor").distinct()
    actors = theirs.to_pyarrow()["actor"].to_pylist()
    made = param("responseElements.accessKey.accessKeyId")

    def changed(table: Any) -> Any:
        # What goes on in a bucket all day is nobody's reaction.
        changes = (~table.read_only & (table.event_category != "Data")).fill_null(False)
        return changes & ~table.actor.isin(actors)

    def naming(batch: list[str], table: Any) -> Any:
        # A name stands in the parameters as a whole, or as the end of an ARN or a path.
        if len(batch[0]) > _MOST_TEXT:
            parts = [
                table.request_parameters.contains(f'{start}{name}"') for name in batch for start in ('"', "/", ":")
            ]
        else:
            parts = [table.request_parameters.re_search(f'["/:](?:{"|".join(map(re.escape, batch))})"')]
        keys = [name for name in batch if name.startswith("AKIA")]
        if keys:
            parts.append(made.value(table).isin(keys))
        return reduce(or_, parts).fill_null(False)

    others = suspects.root.succeeded().where(Match("changes by others", changed))
    told_names = "of what the suspects used or made"
    found = [others.where(Match(told_names, partial(naming, batch))) for batch in _batches(sought)]
    touched = found[0].united(*found[1:]) if found[1:] else found[0]
    facts = []
    for told, events in (
        ("made or changed it before", touched.where(lambda e: e.event_time < span.start)),
        ("reacted", touched.where(lambda e: e.event_time >= span.start)),
    ):
        rows = _counted(events, "actor")
        facts += [
            _fact(told, row["actor"], row, events.where(actor=row["actor"]), ", ".join(row["calls"])) for row in rows
        ]
    return facts


def _batches(names: list[str]) -> list[list[str]]:
    """The names, as many at once as a regular expression takes well."""
    found: list[list[str]] = [[]]
    length = 0
    for name in names:
        if found[-1] and length + len(name) > _MOST_TEXT:
            found.append([])
            length = 0
        found[-1].append(name)
        length += len(name)
    return found


def _counted(events: Events, *columns: str) -> list[Any]:
    table = judged(events)
    measures = {
        "account": table.recipient_account_id.min(),
        "first": table.event_time.min(),
        "last": table.event_time.max(),
        "events": table.count(),
        "words": table.standing.collect(distinct=True),
        "calls": table.event_name.collect(distinct=True),
    }
    found = (table.group_by(list(columns)) if columns else table).aggregate(**measures)
    rows = [row for row in found.to_pyarrow().to_pylist() if row["events"]]
    for row in rows:
        row["calls"] = sorted(row["calls"] or ["?"])
    return sorted(rows, key=lambda row: (str(row["first"]), *(str(row[name]) for name in columns)))


def _fact(kind: str, name: str | None, row: Any, events: Events, note: str) -> Fact:
    return Fact(
        Task.ASK,
        kind,
        name or "?",
        "",
        row["account"] or "",
        "",
        row["first"],
        row["last"],
        row["events"],
        weakest(row["words"]),
        events,
        note,
    )
