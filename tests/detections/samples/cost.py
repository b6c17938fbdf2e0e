"""What the account pays for; what takes many calls, or a time before, is in test_in_bulk.py and test_arrivals.py."""

from tests.detections.samples.records import call, refused

SEEN = {
    "model-access-granted": [
        call("bedrock", "PutUseCaseForModelAccess", {"formData": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
        refused(call("bedrock", "CreateFoundationModelAgreement", {"modelId": "m"})),
        call("agreement-marketplace", "AcceptAgreementRequest", {}),
    ],
    "guardrail-removed": [call("bedrock", "DeleteGuardrail", {"guardrailIdentifier": "g"})],
    "mail-sending-enabled": [
        call("ses", "UpdateAccountSendingEnabled", {"enabled": True}),
        call("ses", "PutAccountDetails", {"productionAccessEnabled": True, "mailType": "MARKETING"}),
        call("ses", "PutAccountSendingAttributes", {"sendingEnabled": True}),
    ],
    "mail-identity-added": [
        call("ses", "VerifyEmailIdentity", {"emailAddress": "billing@example.com"}),
        call("ses", "CreateEmailIdentity", {"emailIdentity": "example.com"}),
    ],
    "text-message-limit-changed": [
        call("sns", "SetSMSAttributes", {"attributes": {"MonthlySpendLimit": "1000"}}),
        call("sms-voice", "SetTextMessageSpendLimitOverride", {"monthlyLimit": 1000}),
    ],
}
UNSEEN = {
    "model-access-granted": [
        call("bedrock", "GetUseCaseForModelAccess"),
        call("bedrock", "ListFoundationModelAgreementOffers", {"modelId": "m"}),
    ],
    "guardrail-removed": [call("bedrock", "CreateGuardrail", {}), call("example", "DeleteGuardrail", {})],
    "mail-sending-enabled": [
        call("ses", "UpdateAccountSendingEnabled", {"enabled": False}),
        call("ses", "PutAccountSendingAttributes", {"sendingEnabled": False}),
        call("ses", "GetAccountSendingEnabled"),
    ],
    "mail-identity-added": [call("ses", "ListIdentities"), call("ses", "DeleteIdentity", {"identity": "example.com"})],
    "text-message-limit-changed": [
        call("sns", "SetSMSAttributes", {"attributes": {"DefaultSenderID": "MonthlySpendLimit"}}),
        call("sns", "GetSMSAttributes"),
    ],
}
