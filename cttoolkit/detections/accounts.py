"""Did the account itself change hands or shape: root, its contacts, its regions, its organization, what it shares?

Predicates follow the API references of Account Management, Organizations, RAM and CloudFormation.
"""

from __future__ import annotations

from cttoolkit.detection import GROUPED, Detection, Severity, calls
from cttoolkit.detections.invocation import BY_ROOT_ITSELF
from cttoolkit.detections.request_text import says_of_another
from cttoolkit.events import Events
from cttoolkit.param import param
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.regrouped import Pivot

__all__ = ["ACCOUNTS"]

_FAMILY = "accounts"
_HIERARCHY = ("T1666",)


def _root(events: Events) -> Pivot:
    """Calls by root, without those of services on its behalf and without events of services."""
    return on(events.where(BY_ROOT_ITSELF), *GROUPED)


ACCOUNTS = (
    Detection(
        name="root-used",
        family=_FAMILY,
        question="Was the root user used?",
        said="act as root",
        severity=Severity.HIGH,
        techniques=("T1078.004",),
        false_positives="The few tasks that need root, announced; the account's first days.",
        bypass="Root of a member account by AssumeRoot has a session of its own, of type AssumedRoot.",
        find=_root,
    ),
    Detection(
        name="account-email-changed",
        family=_FAMILY,
        question="Was the address changed that root signs in and recovers its password with?",
        said="change the address of root",
        severity=Severity.CRITICAL,
        techniques=("T1098", "T1531"),
        false_positives="A company that renames its mail domain, for all accounts at once.",
        bypass="Who holds the mailbox needs no change of the address.",
        find=calls("account", "StartPrimaryEmailUpdate", "AcceptPrimaryEmailUpdate"),
    ),
    Detection(
        name="account-contacts-changed",
        family=_FAMILY,
        question="Were the account's contacts changed, to whom AWS writes of security and of bills?",
        said="change whom AWS writes to about the account",
        severity=Severity.MEDIUM,
        techniques=("T1098",),
        false_positives="A change of staff; landing zones set the same contacts in each account.",
        bypass="Rules in the mailbox that is named there.",
        find=calls("account", "PutContactInformation", "PutAlternateContact", "DeleteAlternateContact"),
    ),
    Detection(
        name="region-enabled",
        family=_FAMILY,
        question="Was a region switched on or off for the account?",
        said="switch a region on or off",
        severity=Severity.HIGH,
        techniques=("T1535",),
        false_positives="An expansion, announced.",
        bypass="Regions that are on by default, and that nobody looks at, are as many.",
        find=calls("account", "EnableRegion", "DisableRegion"),
    ),
    Detection(
        name="organization-left",
        family=_FAMILY,
        question="Did an account leave its organization, or was the organization dissolved?",
        said="take an account out of its organization, or dissolve the organization",
        severity=Severity.CRITICAL,
        techniques=_HIERARCHY,
        false_positives="An account that is sold or merged, planned by the management account.",
        bypass="Moving the account to a unit without policies has most of the effect: see organization-joined.",
        find=calls("organizations", "LeaveOrganization", "RemoveAccountFromOrganization", "DeleteOrganization"),
    ),
    Detection(
        name="organization-joined",
        family=_FAMILY,
        question="Was an account made, invited or moved, or an invitation accepted?",
        said="make, invite or move an account, or accept an invitation",
        severity=Severity.MEDIUM,
        techniques=(*_HIERARCHY, "T1136.003"),
        false_positives="An account factory does little else.",
        bypass="Accounts outside of the organization that roles trust.",
        find=calls(
            "organizations",
            *(
                "CreateAccount",
                "CreateGovCloudAccount",
                "InviteAccountToOrganization",
                "AcceptHandshake",
                "MoveAccount",
            ),
        ),
    ),
    Detection(
        name="administration-delegated",
        family=_FAMILY,
        question="Was an account made administrator of a service for the organization, or a service let into it?",
        said="delegate administration of the organization, or let a service into it",
        severity=Severity.HIGH,
        techniques=("T1098.003", "T1666"),
        false_positives="Security services that are set up, with their account as administrator.",
        bypass="Taking over the account that is administrator already.",
        find=calls("organizations", "RegisterDelegatedAdministrator", "EnableAWSServiceAccess"),
    ),
    Detection(
        name="account-closed",
        family=_FAMILY,
        question="Was an account closed?",
        said="close an account",
        severity=Severity.CRITICAL,
        techniques=("T1485", "T1531"),
        false_positives="Accounts of test environments that are given back.",
        bypass="An account that is closed by its own root is not recorded by this call.",
        find=calls("organizations", "CloseAccount"),
    ),
    Detection(
        name="resources-shared-out",
        family=_FAMILY,
        question="Were resources shared with another account through RAM, or a share opened to such?",
        said="share resources with another account",
        severity=Severity.MEDIUM,
        techniques=("T1537", "T1199"),
        false_positives="Subnets and transit gateways of the organization; sharing with all of it names no account, and is not seen.",
        bypass="A resource's own policy shares without RAM.",
        find=calls(
            "ram",
            "CreateResourceShare",
            "AssociateResourceShare",
            when=says_of_another(
                "with another account",
                r'"principals"\s*:\s*\[[^\]]*"(?:arn:aws[a-z-]*:iam::)?[0-9]{12}[":]',
                "principals",
            ),
        )
        | calls("ram", "UpdateResourceShare", when=param("requestParameters.allowExternalPrincipals") == True),  # noqa: E712
    ),
    Detection(
        name="stack-set-deployed",
        family=_FAMILY,
        question="Was a stack deployed to several accounts or regions at once?",
        said="deploy a stack to several accounts or regions",
        severity=Severity.MEDIUM,
        techniques=("T1059.009", "T1535"),
        false_positives="The platform team's baseline, from the management account or its delegate.",
        bypass="A change of the template that a stack set already deploys: UpdateStackSet.",
        find=calls("cloudformation", "CreateStackSet", "CreateStackInstances"),
    ),
)
