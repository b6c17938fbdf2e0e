"""Was the account made to pay, or to send, for somebody else: models, mail, text messages?

Predicates follow the API references of Bedrock, Marketplace Agreement, SES, SNS and End User Messaging. Sent mails and messages are
data events where they are events at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import MODEL_CALLS
from cttoolkit.detection import Detection, Severity, calls, needing
from cttoolkit.detections.arrivals import arrived
from cttoolkit.detections.bulk import in_bulk
from cttoolkit.detections.request_text import says
from cttoolkit.events import Events
from cttoolkit.param import param
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["COST"]

_FAMILY = "cost"
_MODELS = ("T1496.004",)
_MESSAGES = ("T1496.003",)
_PLACE = param("requestParameters.modelId")


@needing(*MODEL_CALLS)
def _invocations(events: Events) -> Pivot:
    """Models invoked in an account where nobody had invoked one before, after the first tenth of the evidence."""
    invoked = events.to_service("bedrock").named(*MODEL_CALLS)
    return arrived(invoked.succeeded(), invoked.succeeded(), "event_source")


@needing(*MODEL_CALLS)
def _probes(events: Events) -> Pivot:
    """Three or more models or regions in which one credential's invocations failed within an hour."""

    def where(table: ibis.Table) -> Any:
        return table.aws_region + " " + _PLACE.value(table).fill_null("")

    return in_bulk(events.to_service("bedrock").named(*MODEL_CALLS).failed(), where, least=3, minutes=60)


COST = (
    Detection(
        name="model-access-granted",
        family=_FAMILY,
        question="Was access to a model of Bedrock asked for or agreed to?",
        said="ask for access to a model, or agree to its terms",
        severity=Severity.HIGH,
        techniques=(*_MODELS, "T1578.005"),
        false_positives="A team that begins with Bedrock; it says so, and mostly in one region.",
        bypass="Where access was granted before, or is granted on first use, nothing is asked for.",
        find=calls(
            "bedrock", "PutFoundationModelEntitlement", "CreateFoundationModelAgreement", "PutUseCaseForModelAccess"
        )
        | calls("agreement-marketplace", "AcceptAgreementRequest"),
    ),
    Detection(
        name="models-invoked-first",
        family=_FAMILY,
        question="Were models invoked in an account where nobody had invoked one?",
        said="invoke models in an account where nobody had",
        severity=Severity.MEDIUM,
        techniques=_MODELS,
        false_positives="The first day of every project that uses Bedrock.",
        bypass="An account where models are in use hides more of the same.",
        find=_invocations,
    ),
    Detection(
        name="models-probed",
        family=_FAMILY,
        question="Did one credential try to invoke models where it could not, in several places within an hour?",
        said="invoke models in three or more places where that fails, within an hour",
        severity=Severity.HIGH,
        techniques=(*_MODELS, "T1526"),
        false_positives="An application that falls back from region to region when models are throttled.",
        bypass="One model in one region tells whether a credential is worth it.",
        find=_probes,
    ),
    Detection(
        name="guardrail-removed",
        family=_FAMILY,
        question="Was a guardrail of Bedrock removed?",
        said="remove a guardrail of models",
        severity=Severity.HIGH,
        techniques=("T1562.001",),
        false_positives="A project is taken down.",
        bypass="Invoking a model without naming a guardrail, where no policy asks for one.",
        find=calls("bedrock", "DeleteGuardrail"),
    ),
    Detection(
        name="mail-sending-enabled",
        family=_FAMILY,
        question="Was sending of mail switched on, or production access asked for?",
        said="switch sending of mail on, or ask for production access",
        severity=Severity.HIGH,
        techniques=_MODELS,
        false_positives="A service that is set up to send mail does both once.",
        bypass="An account that already sends is used as it is.",
        find=calls("ses", "PutAccountDetails")
        | calls("ses", "UpdateAccountSendingEnabled", when=param("requestParameters.enabled") == True)  # noqa: E712
        | calls("ses", "PutAccountSendingAttributes", when=param("requestParameters.sendingEnabled") == True),  # noqa: E712
    ),
    Detection(
        name="mail-identity-added",
        family=_FAMILY,
        question="Was an address or a domain added, that mail may be sent from?",
        said="add an identity to send mail from",
        severity=Severity.MEDIUM,
        techniques=_MODELS,
        false_positives="New products, and Terraform; the domain tells whose it is.",
        bypass="A domain that is already verified sends from any address in it.",
        find=calls(
            "ses",
            "VerifyEmailIdentity",
            "VerifyEmailAddress",
            "VerifyDomainIdentity",
            "VerifyDomainDkim",
            "CreateEmailIdentity",
        ),
    ),
    Detection(
        name="text-message-limit-changed",
        family=_FAMILY,
        question="Was the limit of what text messages may cost changed, or a number verified?",
        said="change what text messages may cost, or verify a number for them",
        severity=Severity.MEDIUM,
        techniques=_MESSAGES,
        false_positives="Products that send codes by text message raise it as they grow.",
        bypass="An account with a high limit is used as it is; Publish is no event without data events.",
        find=calls(
            "sns",
            "SetSMSAttributes",
            when=says("for the limit", r'"MonthlySpendLimit"\s*:', "MonthlySpendLimit"),
        )
        | calls("sns", "VerifySMSSandboxPhoneNumber", "CreateSMSSandboxPhoneNumber")
        | calls(
            "sms-voice", "SetTextMessageSpendLimitOverride", "SetVoiceMessageSpendLimitOverride", "RequestPhoneNumber"
        ),
    ),
)
