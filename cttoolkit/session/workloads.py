"""Sessions of instances, functions and tasks joined to who passed them a role, or could act on the host that holds it."""

from __future__ import annotations

import re

import numpy as np

from cttoolkit.session.acts import HOST, PASSING
from cttoolkit.session.candidates import candidates
from cttoolkit.session.columns import Column, Rows, compute
from cttoolkit.session.edges import LONGEST, SLACK, Grade
from cttoolkit.session.timeline import BEFORE_ALL, Ints, Timeline, micros, texts

__all__ = ["onto_hosts", "passed_roles"]

_INSTANCE = re.compile(r"\bi-[0-9a-f]{8}(?:[0-9a-f]{9})?\b")
_MOST_HOSTS, _MOST = 1_000, 20
_LONGEST, _SLACK = (int(span.total_seconds() * 1e6) for span in (LONGEST, SLACK))
_SERVICES = {"ecs.amazonaws.com": "ecs-tasks.amazonaws.com"}
"""Services that take roles under another name than they are called by."""


def onto_hosts(uses: Rows, acts: Rows) -> Rows:
    """A command, a shell, a key or start-up data for an instance, and then the instance's own session.

    What is done on a host is no call, so nothing says that it was this that used the session.
    """
    import pyarrow as pa

    pc = compute()
    is_act = pc.is_in(acts["call"], pa.array(HOST))
    is_harmless = pc.and_(pc.equal(acts["call"], "ModifyInstanceAttribute"), acts["user_data"].is_null())
    acts = acts.filter(pc.and_(is_act, pc.invert(is_harmless)))
    rows, hosts = _hosts(acts)
    acts = acts.take(rows)
    first, last = micros(uses["first"]), micros(uses["last"])
    found = Timeline(hosts, micros(acts["at"]), acts["cited"]).latest(_on_instance(uses), first - _LONGEST, last, _MOST)
    done = acts.take(found.row)
    note = pc.binary_join_element_wise(done["call"], "what happens on a host is not in CloudTrail", "; ")
    child = uses["credential"].take(found.asking)
    return candidates(done, child, "onto a host", Grade.POSSIBLE, note, enables=True)


def passed_roles(uses: Rows, acts: Rows, issued_by: Rows) -> list[Rows]:
    """A role handed to a service, and then sessions of that role by that service: iam:PassRole itself leaves no event.

    ``issued_by`` has the services that asked for a credential, by its name.
    """
    import pyarrow as pa

    pc = compute()
    acts = acts.filter(pc.is_in(acts["call"], pa.array(PASSING)))
    first = micros(uses["first"])
    always = np.full(len(first), BEFORE_ALL)
    parents = issued_by["parent"].take(pc.index_in(uses["credential"], value_set=issued_by["child"].combine_chunks()))
    service = [(name or "").removeprefix("svc:") for name in parents.to_pylist()]

    started = acts.filter(pc.equal(acts["call"], "RunInstances"))
    rows, hosts = _hosts(started)
    started = started.take(rows)
    found = Timeline(hosts, micros(started["at"]), started["cited"]).latest(
        _on_instance(uses), always, first + _SLACK, 1
    )
    is_theirs = np.array([name == "ec2.amazonaws.com" for name in service], bool)[found.asking]
    grade = np.where(is_theirs, Grade.STRONG.value, Grade.LIKELY.value)
    child = uses["credential"].take(found.asking)
    launched = candidates(started.take(found.row), child, "started the instance", grade, enables=True)

    handed = acts.filter(acts["passed"].is_valid())
    sources = [_SERVICES.get(name, name) for name in handed["source"].to_pylist()]
    keys = [f"{source} {_role(role)}" for source, role in zip(sources, handed["passed"].to_pylist(), strict=True)]
    asked = [
        f"{name} {_role(role)}" if name and role else None
        for name, role in zip(service, uses["role"].to_pylist(), strict=True)
    ]
    found = Timeline(texts(keys), micros(handed["at"]), handed["cited"]).latest(
        texts(asked), always, first + _SLACK, _MOST
    )
    note = [f"the latest {_MOST} of {of} calls that passed this role" if of > _MOST else "" for of in found.of.tolist()]
    child = uses["credential"].take(found.asking)
    passed = candidates(handed.take(found.row), child, "passed the role", Grade.LIKELY, texts(note), enables=True)
    return [launched, passed]


def _hosts(acts: Rows) -> tuple[Ints, Column]:
    """Rows of acts and the instances that they name, a row for each."""
    rows: list[int] = []
    hosts: list[str | None] = []
    for row, text in enumerate(acts["host"].to_pylist()):
        named = list(dict.fromkeys(_INSTANCE.findall(text or "")))[:_MOST_HOSTS]
        rows += [row] * len(named)
        hosts += named
    return np.array(rows, np.int64), texts(hosts)


def _on_instance(uses: Rows) -> Column:
    """The instance that each session is named after."""
    names = ((holder or "").rpartition(":")[2] for holder in uses["principal_id"].to_pylist())
    return texts([name if _INSTANCE.fullmatch(name) else None for name in names])


def _role(text: str) -> str:
    """A role by its name in lower case, and by its account where that is told."""
    return f"{text.split(':')[4] if text.count(':') >= 5 else ''}/{text.rpartition('/')[2].lower()}"
