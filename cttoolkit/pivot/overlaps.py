"""One credential in two places at once: calls that go back and forth between networks, agents or machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.address import is_address, network
from cttoolkit.pivot.agent import NO_AGENT, family, platform
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.bins import bin_number, bin_start
from cttoolkit.pivot.gathered import gathered, once
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.proportion import lower_end
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later

if TYPE_CHECKING:
    import ibis

__all__ = ["mixed_agents", "overlaps"]

_DAY = 24 * 60
_THERE_AND_BACK = 2
_CONSOLE = ("browser", "console", "S3 console", "AWS Internal")
_TEMPORARY = ("tmp:", "con:", "sis:")
_ARCHITECTURE = r"(?i)\b(x86_64|amd64|arm64|aarch64|i[3-6]86)\b"


def overlaps(events: Events, *, minutes: int = 10) -> Pivot:
    """Stretches of ten minutes in which one credential went back and forth between networks, or between families of agents.

    ``alternations`` is how often the network changed from one call to the next, and ``share`` that number over the n - 1 steps
    that n calls make; rows are in order of ``at_least``, the lower end of the share's 95 % interval (Wilson 1927), for three
    calls prove less than three hundred. One change is a move, so a row has at least two. Calls of one second are put in order of
    network, which makes alternations fewer, never more. The pages of the console count as one agent.

    Two protocols of one machine (IPv4 and IPv6), or a VPC endpoint beside a NAT gateway, look the same: ``through_endpoint``
    counts calls through an endpoint. WindowError where ``minutes`` do not divide a day.
    """
    if minutes < 1 or _DAY % minutes:
        raise WindowError("minutes", f"{minutes} do not divide a day", "give 5, 10, 15, 30 or 60")
    asked = acting(events).where(Match("with a credential from an address", _is_placed))
    table = marked(asked, asked.table)
    table = once(table, "source_ip_address", network=network).mutate(stretch=bin_number(table.event_time, minutes * 60))
    # Where all agents are written alike their families are alike, and need not be made.
    table = _several(table, "network", "user_agent")
    table = once(table, "user_agent", agent=_agent)
    calls = _several(table.mutate(agent=table.agent.fill_null(NO_AGENT)), "network", "agent")
    calls = calls.mutate(
        is_move=_changed(calls, "network", "agent"),
        is_change=_changed(calls, "agent", "network"),
    )
    found = calls.group_by(["credential", "stretch"]).aggregate(
        actor=calls.actor.min(),
        **gathered(asked, calls),
        networks=calls.network.nunique(),
        agents=calls.agent.nunique(),
        alternations=calls.is_move.sum(),
        agent_alternations=calls.is_change.sum(),
        through_endpoint=calls.vpc_endpoint_id.count(),
    )
    found = found.filter((found.alternations >= _THERE_AND_BACK) | (found.agent_alternations >= _THERE_AND_BACK))
    steps = found.events - 1
    rows = found.select(
        "credential",
        bin_start(found.stretch, minutes * 60).name("start"),
        *(name for name in found.columns if name not in ("credential", "stretch")),
        share=found.alternations / steps,
        at_least=lower_end(found.alternations, steps),
        agent_share=found.agent_alternations / steps,
        agent_at_least=lower_end(found.agent_alternations, steps),
    )
    ranked = [rows[name].desc() for name in ("at_least", "agent_at_least", "events")]
    ordered = rows.order_by([*ranked, rows.start.asc(), rows.credential.asc()])
    drilled = partial(_within, length=timedelta(minutes=minutes))
    notes = (f"stretches of {minutes} minutes with at least two changes",)
    return Pivot(
        "credential and start", asked, ordered, ("credential", "start"), asked=events, notes=notes, drilled=drilled
    )


def mixed_agents(events: Events) -> Pivot:
    """Temporary credentials whose agents name two operating systems or two architectures: one credential on two machines.

    Rows are in order of how many they name. Versions are left out, since tools of one machine spell them differently; so is the
    shell in the console, which runs on a machine of its own. What an agent says is the caller's word: alike, it excuses nobody.
    """
    asked = acting(events).where(Match("with temporary credentials", _is_temporary))
    table = marked(asked, asked.table)
    table = once(table, "user_agent", system=_system, architecture=_architecture)
    found = table.group_by("credential").aggregate(
        actor=table.actor.min(),
        **gathered(asked, table),
        systems=table.system.nunique(),
        architectures=table.architecture.nunique(),
        system=table.system.min(),
        other_system=table.system.max(),
        architecture=table.architecture.min(),
        other_architecture=table.architecture.max(),
    )
    found = found.filter((found.systems > 1) | (found.architectures > 1))
    rows = found.mutate(
        other_system=found.other_system.nullif(found.system),
        other_architecture=found.other_architecture.nullif(found.architecture),
    )
    by_count = [rows[name].desc() for name in ("systems", "architectures", "events")]
    ordered = rows.order_by([*by_count, rows.credential.asc()])
    return Pivot("credential", asked, ordered, asked=events)


def _is_placed(table: ibis.Table) -> Any:
    return table.credential.notnull() & is_address(table.source_ip_address)


def _several(table: ibis.Table, *names: str) -> ibis.Table:
    """Events of the stretches that have more than one value of some of these: few, as a rule, and only these are put in order."""
    many = table.group_by(["credential", "stretch"]).aggregate(
        **{f"{least}_{name}": getattr(table[name], least)() for name in names for least in ("min", "max")},
        **{f"null_{name}": table[name].isnull().any() for name in names},
    )
    differs = [(many[f"min_{name}"] != many[f"max_{name}"]) | many[f"null_{name}"] for name in names]
    return table.semi_join(many.filter(reduce(or_, differs)), ["credential", "stretch"])


def _agent(table: ibis.Table) -> Any:
    named = family(table)
    return (named.isin(_CONSOLE) | named.endswith(".amazonaws.com")).ifelse("console", named)


def _changed(table: ibis.Table, name: str, then: str) -> Any:
    """Whether it is another than in the call before."""
    import ibis

    order = ibis.window(group_by=["credential", "stretch"], order_by=["event_time", name, then])
    return (table[name] != table[name].lag().over(order)).fill_null(False)


def _within(events: Events, row: Mapping[str, Any], length: timedelta) -> Events:
    return events.where(credential=row["credential"]).between(row["start"], later(row["start"], length))


def _is_temporary(table: ibis.Table) -> Any:
    return (
        table.credential.startswith(_TEMPORARY[0])
        | table.credential.startswith(_TEMPORARY[1])
        | table.credential.startswith(_TEMPORARY[2])
    )


def _system(table: ibis.Table) -> Any:
    named = platform(table).re_extract(r"^([a-z]+)", 1).replace("darwin", "macos").nullif("")
    return _unless_shell(table, named)


def _architecture(table: ibis.Table) -> Any:
    named = table.user_agent.re_extract(_ARCHITECTURE, 1).lower()
    return _unless_shell(table, named.replace("amd64", "x86_64").replace("arm64", "aarch64").nullif(""))


def _unless_shell(table: ibis.Table, named: Any) -> Any:
    return table.user_agent.lower().contains("cloudshell").ifelse(None, named)
