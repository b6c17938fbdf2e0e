"""Did somebody look around who does not know the place: opening moves, sweeps, runs of refusals, tools made for it?"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED, Detection, Severity, calls, needing
from cttoolkit.detections.bulk import in_bulk
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.openings import openings
from cttoolkit.pivot.refusals import denied_runs, enumerations
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["DISCOVERY"]

_FAMILY = "discovery"
_TOOLS = r"(?i)(?:^|[^a-z])(?:kali|parrot|pentoo|pacu|trufflehog|s3 browser|scout ?suite|cloudfox|stratus-red-team)(?:[^a-z]|$)"
_PROBES = {
    "ses": ("GetSendQuota", "GetAccount", "GetAccountSendingEnabled", "ListIdentities", "ListEmailIdentities"),
    "bedrock": ("ListFoundationModels", "GetFoundationModelAvailability", "GetUseCaseForModelAccess"),
    "servicequotas": ("GetServiceQuota", "ListServiceQuotas"),
    "sns": ("GetSMSAttributes", "GetSMSSandboxAccountStatus"),
}
_PROBE_NAMES = tuple(name for names in _PROBES.values() for name in names)


def _moves(events: Events) -> Pivot:
    """Credentials among whose first twenty calls are three or more different opening moves that are new to the principal."""
    found = openings(events)
    return replace(found, expression=found.expression.filter(found.expression.new_moves >= 3))


def _sweeps(events: Events) -> Pivot:
    """Ten minutes in which one credential made 25 or more different calls that get, list or describe, outside of a console."""
    found = enumerations(events, least=25)
    return replace(found, expression=found.expression.filter(~found.expression.is_console))


def _refused(events: Events) -> Pivot:
    """Five or more refused calls of one credential in a row, of five or more different names."""
    found = denied_runs(events, least=5)
    return replace(found, expression=found.expression.filter(found.expression.names >= 5))


@needing(*_PROBE_NAMES)
def _probed(events: Events) -> Pivot:
    """Questions about quotas, senders, text messages or models in three regions or more within an hour, by one credential."""

    def asks(table: ibis.Table) -> Any:
        pairs = ((f"{service}.amazonaws.com", names) for service, names in _PROBES.items())
        found = [(table.event_source == source) & table.event_name.isin(names) for source, names in pairs]
        return reduce(or_, found).fill_null(False)

    asked = events.named(*_PROBE_NAMES).where(Match("about quotas, senders or models", asks))
    return in_bulk(asked, lambda table: table.aws_region, least=3, minutes=60)


def _tools(events: Events) -> Pivot:
    """Calls whose user agent names a tool or a system made for attacks or for auditing."""

    def holds(table: ibis.Table) -> Any:
        # There are few agents, and patterns are slow.
        each = table.select("user_agent").distinct()
        return table.user_agent.isin(each.filter(each.user_agent.re_search(_TOOLS)).user_agent).fill_null(False)

    return on(events.where(Match("by an agent of attackers", holds)), *GROUPED)


DISCOVERY = (
    Detection(
        name="tool-agent",
        family=_FAMILY,
        question="Did a user agent name a tool or a system that attackers use?",
        said="call with a user agent that names an attacker's or auditor's tool",
        severity=Severity.HIGH,
        techniques=("T1059.009",),
        false_positives="A penetration test, an audit with ScoutSuite, the company's own scan for leaked keys with TruffleHog.",
        bypass="The user agent is the caller's own word; most tools take an option to change it.",
        find=_tools,
    ),
    Detection(
        name="opening-moves",
        family=_FAMILY,
        question="Did a credential begin by asking who it is and what it may do?",
        said="begin with questions about itself and the account that it had never asked",
        severity=Severity.MEDIUM,
        techniques=("T1087.004", "T1580", "T1526"),
        false_positives="A new engineer or a new tool begins so too; early in the evidence everything is new, for no baseline is named.",
        bypass="Whoever knows the account asks nothing; moves spread behind twenty other calls are not looked at.",
        find=_moves,
    ),
    Detection(
        name="enumeration-sweep",
        family=_FAMILY,
        question="Did a credential list and describe many different things within ten minutes?",
        said="list or describe 25 or more kinds of things within ten minutes",
        severity=Severity.LOW,
        techniques=("T1580", "T1526", "T1087.004"),
        false_positives="Terraform's refresh, inventories and posture scanners do it on every run, from the same place.",
        bypass="Slower than 25 kinds in ten minutes, or over several credentials, it stays below.",
        find=_sweeps,
    ),
    Detection(
        name="refused-run",
        family=_FAMILY,
        question="Did a credential try one call after another that it may not make?",
        said="try five or more different calls in a row that were refused",
        severity=Severity.MEDIUM,
        techniques=("T1580", "T1087.004"),
        false_positives="A console page drawn for a user of few permissions; a role whose policy was just narrowed.",
        bypass="A call that is allowed in between, GetCallerIdentity for instance, ends the run.",
        find=_refused,
    ),
    Detection(
        name="quota-sweep",
        family=_FAMILY,
        question="Were quotas, mail senders, text messages or models asked for in several regions within an hour?",
        said="ask for quotas, senders or models in three or more regions within an hour",
        severity=Severity.MEDIUM,
        techniques=("T1526", "T1580"),
        false_positives="Quota monitors and cost tools ask in all regions, on a schedule and from the same role.",
        bypass="One region at a time, or less than three in an hour of the clock.",
        find=_probed,
    ),
    Detection(
        name="policy-simulated",
        family=_FAMILY,
        question="Did somebody have IAM simulate what a principal may do?",
        said="simulate what a principal may do",
        severity=Severity.MEDIUM,
        techniques=("T1087.004", "T1069.003"),
        false_positives="The policy simulator of the console, tests of policies in a pipeline, Pacu's counterpart in audits.",
        bypass="Trying the calls themselves, or reading the policies and evaluating them elsewhere, simulates nothing here.",
        find=calls("iam", "SimulatePrincipalPolicy", "SimulateCustomPolicy"),
    ),
    Detection(
        name="authorization-details",
        family=_FAMILY,
        question="Was the whole of IAM read in one call?",
        said="read all users, roles and policies at once",
        severity=Severity.MEDIUM,
        techniques=("T1087.004", "T1069.003"),
        false_positives="Posture scanners and Access Advisor tools read it daily; look at whether this role always did.",
        bypass="The same answer comes from ListUsers, ListRoles and GetPolicyVersion, one by one.",
        find=calls("iam", "GetAccountAuthorizationDetails"),
    ),
)
