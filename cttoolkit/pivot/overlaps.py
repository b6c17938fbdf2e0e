"""One credential in two places at once: calls that go back and forth between networks, agents or machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.address import is_address, network
from cttoolkit.pivot.agent import family, platform
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.gathered import beginning, gathered, regathered, stretch
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later

if TYPE_CHECKING:
    import ibis

__all__ = ["mixed_agents", "overlaps"]

_DAY = 24 * 60
_THERE_AND_BACK = 2
_Z = 1.959964
"""Of the normal distribution, for 95 % in two tails."""
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
    table = table.mutate(stretch=stretch(table.event_time, minutes * 60))
    voices = _voices(asked, _several(table))
    order = ("event_time", "network", "agent"), ("event_time", "agent", "network")
    voices = voices.mutate(
        is_move=_changed(voices, "network", order[0]),
        is_change=_changed(voices, "agent", order[1]),
    )
    found = voices.group_by(["credential", "stretch"]).aggregate(
        actor=voices.actor.min(),
        **regathered(asked, voices),
        networks=voices.network.nunique(),
        agents=voices.agent.nunique(),
        alternations=voices.is_move.sum(),
        agent_alternations=voices.is_change.sum(),
        through_endpoint=voices.through_endpoint.sum(),
    )
    found = found.filter((found.alternations >= _THERE_AND_BACK) | (found.agent_alternations >= _THERE_AND_BACK))
    steps = found.events - 1
    rows = found.select(
        "credential",
        beginning(found.stretch, minutes * 60, found["first"]).name("start"),
        *(name for name in found.columns if name not in ("credential", "stretch")),
        share=found.alternations / steps,
        at_least=_lower(found.alternations, steps),
        agent_share=found.agent_alternations / steps,
        agent_at_least=_lower(found.agent_alternations, steps),
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
    asked = acting(events).where(Match("with temporary credentials", _is_temporary), Match("naming a system", _is_told))
    table = marked(asked, asked.table)
    table = table.mutate(system=_system(table), architecture=_architecture(table))
    voices = table.group_by(["credential", "system", "architecture"]).aggregate(
        actor=table.actor.min(), **gathered(asked, table)
    )
    found = voices.group_by("credential").aggregate(
        actor=voices.actor.min(),
        **regathered(asked, voices),
        systems=voices.system.nunique(),
        architectures=voices.architecture.nunique(),
        system=voices.system.min(),
        other_system=voices.system.max(),
        architecture=voices.architecture.min(),
        other_architecture=voices.architecture.max(),
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


def _several(table: ibis.Table) -> ibis.Table:
    """Events of the stretches that have more than one address or agent: few, as a rule, so the rest costs little."""
    many = table.group_by(["credential", "stretch"]).aggregate(
        **{
            f"{least}_{name}": getattr(table[name].fill_null(""), least)()
            for name in ("source_ip_address", "user_agent")
            for least in ("min", "max")
        }
    )
    many = many.filter(
        (many.min_source_ip_address != many.max_source_ip_address) | (many.min_user_agent != many.max_user_agent)
    )
    return table.semi_join(many, ["credential", "stretch"])


def _voices(events: Events, table: ibis.Table) -> ibis.Table:
    """A row for each credential, second, network and agent."""
    agent = family(table)
    is_console = agent.isin(_CONSOLE) | agent.endswith(".amazonaws.com")
    table = table.mutate(network=network(table), agent=is_console.ifelse("console", agent))
    return table.group_by(["credential", "stretch", "event_time", "network", "agent"]).aggregate(
        actor=table.actor.min(), **gathered(events, table), through_endpoint=table.vpc_endpoint_id.count()
    )


def _changed(table: ibis.Table, name: str, order: tuple[str, ...]) -> Any:
    import ibis

    before = table[name].lag().over(ibis.window(group_by=["credential", "stretch"], order_by=list(order)))
    return (table[name] != before).fill_null(False)  # noqa: FBT003


def _lower(count: Any, of: Any) -> Any:
    """The lower end of the Wilson interval of a share."""
    share = count / of
    spread = (share * (1 - share) / of + _Z**2 / (4 * of * of)).sqrt()
    return (share + _Z**2 / (2 * of) - _Z * spread) / (1 + _Z**2 / of)


def _within(events: Events, row: Mapping[str, Any], length: timedelta) -> Events:
    return events.where(credential=row["credential"]).between(row["start"], later(row["start"], length))


def _is_temporary(table: ibis.Table) -> Any:
    return (
        table.credential.startswith(_TEMPORARY[0])
        | table.credential.startswith(_TEMPORARY[1])
        | table.credential.startswith(_TEMPORARY[2])
    )


def _is_told(table: ibis.Table) -> Any:
    is_shell = table.user_agent.lower().contains("cloudshell")
    return ~is_shell & (_system(table).notnull() | _architecture(table).notnull())


def _system(table: ibis.Table) -> Any:
    return platform(table).re_extract(r"^([a-z]+)", 1).replace("darwin", "macos").nullif("")


def _architecture(table: ibis.Table) -> Any:
    named = table.user_agent.re_extract(_ARCHITECTURE, 1).lower()
    return named.replace("amd64", "x86_64").replace("arm64", "aarch64").nullif("")
