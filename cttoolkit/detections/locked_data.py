"""Was data locked: encrypted under a key of somebody else's, or the key taken away?

Predicates follow the API references of S3 and KMS, and records as published for S3's parameters, which are the XML of the request.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.request_text import says_of_another
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["LOCKED"]

_FAMILY = "destruction"
_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy")
_SENT = r'"x-amz-server-side-encryption-customer-algorithm"\s*:|"SSEApplied"\s*:\s*"SSE_C"'
_HINTS = ("encryption-customer-algorithm", '"SSE_C"')
_NOTE = (
    r"(?i)(?:ransom|decrypt|how[_ -]?to[_ -]?(?:restore|recover|get)|(?:recover|restore|get)[_ -]?(?:your|my|back|files|data)"
    r"|(?:files|data)[_ -]?(?:is[_ -]?|are[_ -]?|was[_ -]?|were[_ -]?)?(?:encrypted|stolen|locked|leaked))[^/]*\.(?:txt|html?|md|hta|pdf)$"
)
_NOTE_WORDS = (
    r"(?i)\\|ransom|decrypt|encrypted|how.?to|recover|restore|stolen|locked|leaked|get.?(?:your|my|back|files|data)"
)


def _columns(table: ibis.Table) -> tuple[Any, ...]:
    return table.request_parameters, table.response_elements, table.additional_event_data


def _is_keyed(table: ibis.Table) -> Any:
    return reduce(or_, (column.re_search(_SENT).fill_null(False) for column in _columns(table)))


def _may_be_keyed(table: ibis.Table) -> Any:
    return reduce(or_, (column.contains(hint).fill_null(False) for column in _columns(table) for hint in _HINTS))


def _is_note(table: ibis.Table) -> Any:
    return param("requestParameters.key").value(table).re_search(_NOTE)


def _may_be_note(table: ibis.Table) -> Any:
    return table.request_parameters.re_search(_NOTE_WORDS)


_SSE_C = Match("with a key that the caller sent along", _is_keyed, _may_be_keyed)
_RANSOM_NOTE = Match("named like a ransom note", _is_note, _may_be_note)

LOCKED = (
    Detection(
        name="encrypted-with-sent-key",
        family=_FAMILY,
        question="Were objects written under a key that the caller sent along and nobody else has (SSE-C)?",
        said="write objects under a key that was sent along",
        severity=Severity.CRITICAL,
        techniques=("T1486",),
        false_positives="Applications that are built on SSE-C use it for every object, from the first day on.",
        bypass="Encrypting before the upload; or without data events, of which the trail has none by default.",
        find=calls("s3", *_WRITES, when=_SSE_C),
    ),
    Detection(
        name="encrypted-with-foreign-key",
        family=_FAMILY,
        question="Were objects, or a bucket's default, encrypted with a KMS key of another account?",
        said="encrypt with a KMS key of another account",
        severity=Severity.CRITICAL,
        techniques=("T1486",),
        false_positives="Organizations with one account for keys; then it is the same account everywhere.",
        bypass="A key of the account's own, that is destroyed afterwards: see key-destroyed.",
        find=calls(
            "s3",
            *_WRITES,
            when=says_of_another(
                "with a key of another account",
                r'"x-amz-server-side-encryption-aws-kms-key-id"\s*:\s*\[?\s*"arn:aws[a-z-]*:kms:[a-z0-9-]*:[0-9]{12}:',
                "encryption-aws-kms-key-id",
            ),
        )
        | calls(
            "s3",
            "PutBucketEncryption",
            when=says_of_another(
                "with a key of another account",
                r'"KMSMasterKeyID"\s*:\s*"arn:aws[a-z-]*:kms:[a-z0-9-]*:[0-9]{12}:',
                "KMSMasterKeyID",
            ),
        ),
    ),
    Detection(
        name="key-material-imported",
        family=_FAMILY,
        question="Was material brought into a key from outside, so that it can be taken away at will?",
        said="import key material",
        severity=Severity.MEDIUM,
        techniques=("T1486",),
        false_positives="Companies that must bring their own keys; they do so at known times.",
        bypass="An external key store, made by CreateCustomKeyStore, does the same and imports nothing.",
        find=calls("kms", "ImportKeyMaterial")
        | calls("kms", "CreateKey", when=param("requestParameters.origin") == "EXTERNAL"),
    ),
    Detection(
        name="key-destroyed",
        family=_FAMILY,
        question="Was a KMS key scheduled for deletion, or its material deleted?",
        said="destroy a KMS key, or schedule that",
        severity=Severity.HIGH,
        techniques=("T1485", "T1490"),
        false_positives="Terraform, which schedules a deletion for each key of a stack that goes.",
        bypass="Disabling the key, or a policy that lets nobody use it, locks as well for as long as it lasts.",
        find=calls(
            "kms",
            "ScheduleKeyDeletion",
            "DeleteImportedKeyMaterial",
            "DeleteCustomKeyStore",
            "DisconnectCustomKeyStore",
        ),
    ),
    Detection(
        name="ransom-note",
        family=_FAMILY,
        question="Was an object written whose name is that of a ransom note?",
        said="write an object that is named like a ransom note",
        severity=Severity.CRITICAL,
        techniques=("T1486",),
        false_positives="Documentation about decryption or recovery, by its name.",
        bypass="Any other name; a note by mail; or without data events.",
        find=calls("s3", "PutObject", "CopyObject", when=_RANSOM_NOTE),
    ),
)
