"""Whether a policy lets a request pass, with the statements that decide it.

A denial that applies decides; then an allowance that does; without one the policy lets nothing pass. Source: IAM User Guide,
"Policy evaluation logic".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cttoolkit.policies.condition import holds
from cttoolkit.policies.document import Policy, Statement
from cttoolkit.policies.pattern import like, like_resource
from cttoolkit.policies.principal import Caller, excepts, means
from cttoolkit.policies.request_keys import ABSENT, Context
from cttoolkit.policies.truth import Truth

__all__ = ["Decision", "Request", "decide", "denies"]


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what, on what, and what is known of the circumstances. Actions are spelt ``s3:PutObject``."""

    caller: Caller
    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the request passes, the statements behind that, and why in words."""

    answer: Truth
    statements: tuple[Statement, ...]
    why: str

    def __str__(self) -> str:
        return f"{self.answer.value}: {self.why}"


def decide(policy: Policy, request: Request) -> Decision:
    """Weigh a policy. One without principals is a principal's own, and is taken to be the caller's."""
    if policy.problem:
        return Decision(Truth.UNKNOWN, (), f"the policy cannot be read: {policy.problem}")
    found = [(one, _applies(one, request, variables=policy.has_variables)) for one in policy.statements]
    unread = [one for one in policy.statements if one.problem]
    sure: dict[bool, list[Statement]] = {False: [], True: []}
    maybe: dict[bool, list[Statement]] = {False: [], True: []}
    for one, applies in found:
        if one.problem:
            continue
        if applies is Truth.YES:
            sure[one.is_denial].append(one)
        elif applies is Truth.UNKNOWN:
            maybe[one.is_denial].append(one)
    if sure[True]:
        return Decision(Truth.NO, tuple(sure[True]), f"denied by {_names(sure[True])}")
    open_ends = [*maybe[True], *unread]
    if sure[False] and not open_ends:
        return Decision(Truth.YES, tuple(sure[False]), f"allowed by {_names(sure[False])}")
    if sure[False]:
        return Decision(Truth.UNKNOWN, tuple(open_ends), f"allowed, unless {_names(open_ends)} denies it")
    if maybe[False] or unread:
        doubtful = [*maybe[False], *unread]
        return Decision(Truth.UNKNOWN, tuple(doubtful), f"whether {_names(doubtful)} applies cannot be told")
    return Decision(Truth.NO, (), "no statement allows it")


def denies(policy: Policy, request: Request) -> Decision:
    """Whether a statement denies the request, whatever else may allow it."""
    if policy.problem:
        return Decision(Truth.UNKNOWN, (), f"the policy cannot be read: {policy.problem}")
    open_ends = []
    for one in policy.statements:
        applies = _applies(one, request, variables=policy.has_variables)
        if one.problem or (one.is_denial and applies is Truth.UNKNOWN):
            open_ends.append(one)
        elif one.is_denial and applies is Truth.YES:
            return Decision(Truth.YES, (one,), f"denied by {one.name}")
    if open_ends:
        return Decision(Truth.UNKNOWN, tuple(open_ends), f"whether {_names(open_ends)} denies it cannot be told")
    return Decision(Truth.NO, (), "no statement denies it")


def _applies(statement: Statement, request: Request, *, variables: bool) -> Truth:
    if statement.problem:
        return Truth.UNKNOWN
    context = _with_caller(request)
    parts = [_action(statement, request.action), _resource(statement, request, context, variables=variables)]
    if statement.principals is not None:
        parts.append(means(statement.principals, request.caller))
    elif statement.but_principals is not None:
        parts.append(excepts(statement.but_principals, request.caller).opposite)
    parts += [holds(asked, context, variables=variables) for asked in statement.conditions]
    return Truth.all(parts)


def _action(statement: Statement, action: str) -> Truth:
    """Actions are the same in small and capital letters."""
    patterns = statement.actions or statement.but_actions
    named = Truth.any(like(pattern, action, {}, fold=True, variables=False) for pattern in patterns)
    return named if statement.actions else named.opposite


def _resource(statement: Statement, request: Request, context: Context, *, variables: bool) -> Truth:
    patterns = statement.resources or statement.but_resources
    if not patterns:
        # A role's trust policy has none: it is about the role that it belongs to.
        return Truth.YES
    named = Truth.any(like_resource(pattern, request.resource, context, variables=variables) for pattern in patterns)
    return named if statement.resources else named.opposite


def _with_caller(request: Request) -> Context:
    """Keys that follow from who calls, unless the request says otherwise.

    Requests of a service principal carry no keys of a principal's organization, account or ARN, and no second factor (IAM User
    Guide, "AWS global condition context keys").
    """
    caller = request.caller
    if caller.kind == "Service":
        own: Context = {
            "aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": caller.name, "aws:PrincipalOrgID": ABSENT,
            "aws:PrincipalOrgPaths": ABSENT, "aws:PrincipalAccount": ABSENT, "aws:PrincipalArn": ABSENT,
            "aws:MultiFactorAuthPresent": ABSENT, "aws:MultiFactorAuthAge": ABSENT, "aws:username": ABSENT,
        }  # fmt: skip
    elif caller.kind == "AWS":
        own = {"aws:PrincipalIsAWSService": "false", "aws:PrincipalAccount": caller.account or ABSENT,
               "aws:SourceArn": ABSENT, "aws:SourceAccount": ABSENT, "aws:SourceOrgID": ABSENT}  # fmt: skip
    elif caller.kind == "Anonymous":
        own = dict.fromkeys(
            ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:SourceArn",
             "aws:SourceAccount", "aws:SourceOrgID", "aws:MultiFactorAuthPresent"), ABSENT
        )  # fmt: skip
    else:
        own = {}
    given = {name.lower() for name in request.context}
    return {**{name: value for name, value in own.items() if name.lower() not in given}, **request.context}


def _names(statements: list[Statement]) -> str:
    return ", ".join(one.name for one in statements)
