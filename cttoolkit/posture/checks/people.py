"""Who could switch a trail off, and what keeps them from it: CT-13, CT-22 and CT-23."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cttoolkit.configuration.answers import Answered
from cttoolkit.policies import Caller, Request, Truth, decide, denies, read_policy
from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Judged, aside, failed, passed, unknown
from cttoolkit.posture.reading import UnansweredError, inner, objects
from cttoolkit.posture.requests import STRANGER
from cttoolkit.posture.scene import Scene

__all__ = ["PEOPLE"]

_ORGANIZATION, _DELEGATES = "organizations.DescribeOrganization", "organizations.ListDelegatedAdministrators"
_SCPS, _SCP, _TARGETS = (
    "organizations.ListPolicies",
    "organizations.DescribePolicy",
    "organizations.ListTargetsForPolicy",
)
_ENTITIES, _DETAILS = "iam.ListEntitiesForPolicy", "iam.GetAccountAuthorizationDetails"
_FULL = ("AWSCloudTrail_FullAccess", "AWSCloudTrailFullAccess")
_MIGHTY = (*_FULL, "AdministratorAccess", "PowerUserAccess")
_SWITCHES = (
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:UpdateTrail",
    "cloudtrail:PutEventSelectors",
)
_KINDS = ("User", "Role", "Group")


def _of_organization(scene: Scene) -> Judged:
    answer = scene.maybe(_ORGANIZATION)
    if answer is None:
        return aside("the account is in no organization")
    organization = inner(answer, "Organization")
    owner = str(organization.get("MasterAccountId"))
    scene.note(f"Id: {organization.get('Id')}, MasterAccountId: {owner}")
    trails = [one for one in scene.trails if one.described.get("IsOrganizationTrail") is True]
    for one in trails:
        scene.note(f"organization trail: {one.arn}")
    if not trails:
        return failed("there is an organization, and no trail of it is seen from this account")
    if any(one.account == owner for one in trails):
        return passed("a trail of the organization, owned by the management account")
    found = scene.value(_DELEGATES, ServicePrincipal="cloudtrail.amazonaws.com")
    delegates = {str(one.get("Id")) for one in objects(found, "DelegatedAdministrators")}
    scene.note(f"DelegatedAdministrators: {sorted(delegates)}")
    if any(one.account in delegates for one in trails):
        return passed("a trail of the organization, owned by a delegated administrator")
    return failed("the organization's trail belongs to an account that is neither the management account nor delegated")


def _holders(scene: Scene) -> Judged:
    partition = scene.trails[0].partition if scene.trails else "aws"
    held: dict[str, str] = {}
    for policy in _FULL:
        arn = f"arn:{partition}:iam::aws:policy/{policy}"
        answer = scene.maybe(_ENTITIES, PolicyArn=arn)
        for kind in _KINDS:
            for one in objects(answer, f"Policy{kind}s"):
                held[f"{kind.lower()} {one.get(f'{kind}Name')}"] = policy
    for who, policy in sorted(held.items()):
        scene.note(f"{policy}: {who}")
    try:
        others = _equivalents(scene)
    except UnansweredError as error:
        beyond = _beyond(scene, held)
        return failed(beyond) if beyond else unknown(f"who else can stop a trail: {error}")
    held |= others
    beyond = _beyond(scene, held)
    if beyond:
        return failed(beyond)
    return passed(
        f"held by {', '.join(sorted(held))} only, who were named" if held else "nobody holds it, or the like of it"
    )


def _beyond(scene: Scene, held: Mapping[str, str]) -> str:
    """Who can stop a trail and was not named as one of those who may."""
    found = [who for who in sorted(held) if who.partition(" ")[2] not in scene.options.stewards]
    shown = ", ".join(f"{who} ({held[who]})" for who in found[:12]) + (
        f" and {len(found) - 12} more" if len(found) > 12 else ""
    )
    return f"can stop a trail, and not named with stewards= or --steward: {shown}" if found else ""


def _equivalents(scene: Scene) -> dict[str, str]:
    """Who could stop a trail by policies of the account's own. Holders of AdministratorAccess and the like are noted, not counted."""
    details = scene.value(_DETAILS, Filter=[*_KINDS, "LocalManagedPolicy"])
    own = {str(one.get("Arn")): _document(one) for one in objects(details, "Policies")}
    found: dict[str, str] = {}
    for kind in _KINDS:
        for one in objects(details, f"{kind}DetailList"):
            who = f"{kind.lower()} {one.get(f'{kind}Name')}"
            arn = str(one.get("Arn"))
            for name, document in _policies(one, kind, own):
                if name in _MIGHTY[len(_FULL) :]:
                    scene.note(f"{name}: {who}")
                elif document is not None and _can_stop(document, arn):
                    found[who] = name
    for who, name in sorted(found.items()):
        scene.note(f"{name}: {who}")
    return found


def _policies(one: Mapping[str, Any], kind: str, own: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for policy in objects(one, f"{kind}PolicyList"):
        yield str(policy.get("PolicyName")), policy.get("PolicyDocument")
    for policy in objects(one, "AttachedManagedPolicies"):
        yield str(policy.get("PolicyName")), own.get(str(policy.get("PolicyArn")))


def _document(policy: Mapping[str, Any]) -> Any:
    versions = objects(policy, "PolicyVersionList")
    return next((one.get("Document") for one in versions if one.get("IsDefaultVersion") is True), None)


def _can_stop(document: Any, arn: str) -> bool:
    if not isinstance(document, str | Mapping):
        return False
    policy = read_policy(document)
    account = arn.split(":")[4] if arn.count(":") >= 5 else STRANGER
    trail = f"arn:aws:cloudtrail:us-east-1:{account}:trail/name"
    return any(decide(policy, Request(Caller.arn(arn), action, trail)).answer is Truth.YES for action in _SWITCHES)


def _guard_rails(scene: Scene) -> Judged:
    listed = scene.maybe(_SCPS, Filter="SERVICE_CONTROL_POLICY")
    if listed is None:
        return aside("the account is in no organization")
    member = Caller.arn(f"arn:aws:iam::{scene.inquiry.account}:role/somebody")
    arn = scene.trails[0].arn if scene.trails else f"arn:aws:cloudtrail:{scene.home}:{scene.inquiry.account}:trail/name"
    answers: dict[str, Truth] = dict.fromkeys(_SWITCHES, Truth.NO)
    for one in objects(listed, "Policies"):
        name = str(one.get("Id"))
        content = inner(scene.value(_SCP, PolicyId=name), "Policy").get("Content")
        policy = read_policy(str(content))
        found = {action: denies(policy, Request(member, action, arn)).answer for action in _SWITCHES}
        if set(found.values()) == {Truth.NO}:
            continue
        targets = scene.reply(_TARGETS, PolicyId=name)
        attached = len(objects(targets.value, "Targets")) if isinstance(targets, Answered) else None
        scene.note(
            f"{one.get('Name')}: {', '.join(f'{action} {found[action].value}' for action in _SWITCHES)}, targets {attached}"
        )
        if attached == 0:
            continue
        for action, answer in found.items():
            answers[action] = Truth.any((answers[action], Truth.UNKNOWN if attached is None else answer))
    missing = [action for action, answer in answers.items() if answer is Truth.NO]
    if missing:
        return failed(f"no service control policy that is attached denies {', '.join(missing)}")
    doubtful = [action for action, answer in answers.items() if answer is Truth.UNKNOWN]
    if doubtful:
        return unknown(
            f"whether {', '.join(doubtful)} is denied depends on conditions, or on where the policy is attached"
        )
    return passed(
        "attached service control policies deny to stop, delete, change or narrow a trail; the management account is never bound"
    )


PEOPLE = (
    Check(
        "CT-13", "The organization has a trail of its own",
        "Members see it and cannot change it: an intruder in one account does not get to stop its record.",
        "Create an organization trail in the management account or in one that it delegates.",
        (_ORGANIZATION, _DELEGATES), _of_organization, per_trail=False,
    ),
    Check(
        "CT-22", "Few people hold AWSCloudTrail_FullAccess or the like of it",
        "Whoever holds it can stop the trail, redirect it and switch validation off, before or after what you investigate.",
        "Detach it, and give AWSCloudTrail_ReadOnlyAccess; name those who need it as stewards.",
        (_ENTITIES, _DETAILS), _holders, per_trail=False,
    ),
    Check(
        "CT-23", "A service control policy keeps members from stopping a trail",
        "It binds administrators and root of member accounts too.",
        "Deny cloudtrail:StopLogging, DeleteTrail, UpdateTrail and PutEventSelectors to members, and attach it at the root.",
        (_SCPS, _SCP, _TARGETS), _guard_rails, per_trail=False, recommended=False,
    ),
)  # fmt: skip
