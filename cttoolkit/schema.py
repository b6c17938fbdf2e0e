"""The columns of Events: the one place where CloudTrail's spelling ends.

Source of the meanings: AWS CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element".
``docs/columns.md`` is generated from here.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cttoolkit.errors import ColumnError

if TYPE_CHECKING:
    import pyarrow

__all__ = ["COLUMNS", "Column", "arrow_schema", "column_names", "known_column"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``path`` is where it stands in a record; derived columns have none. ``type`` is text, time, flag, json or number.

    ``in_shard`` is False for what is known only when all files were read.
    """

    name: str
    type: str
    path: str
    meaning: str
    in_shard: bool = True


COLUMNS = (
    Column("event_time", "time", "eventTime", "when the request completed, UTC, to the second"),
    Column("event_name", "text", "eventName", "the API call or service event"),
    Column("event_source", "text", "eventSource", "the service that was called, such as iam.amazonaws.com"),
    Column("aws_region", "text", "awsRegion", "where the request was made to; global services say us-east-1"),
    Column("actor", "text", "", "the person or workload that the principal resolves to"),
    Column(
        "principal", "text", "", "what AWS says called, by its unique id: user:AIDA…, role:AROA…, svc:ec2.amazonaws.com"
    ),
    Column(
        "credential",
        "text",
        "",
        "the issue of credentials behind the call: key:AKIA…, tmp:ASIA…, con: a console session, fas: a service's onward call",
    ),
    Column("role", "text", "", "ARN of the role behind an assumed-role session"),
    Column("session_name", "text", "", "name of the role session, chosen by who assumed the role"),
    Column("actor_rung", "text", "", "how the actor was derived from the principal"),
    Column("source_ip_address", "text", "sourceIPAddress", "address of the caller, or the name of an AWS service"),
    Column("user_agent", "text", "userAgent", "what the caller says it is; chosen by the caller, cut at 1 KB"),
    Column("error_code", "text", "errorCode", "set where the call failed; a sign-in that failed has a message alone"),
    Column("error_message", "text", "errorMessage", "set where the call failed, cut at 1 KB"),
    Column("read_only", "flag", "readOnly", "whether the call only reads; absent in old versions"),
    Column("event_id", "text", "eventID", "unique id that CloudTrail gave to the event"),
    Column("event_category", "text", "eventCategory", "Management, Data, NetworkActivity; absent before 1.07"),
    Column("event_type", "text", "eventType", "AwsApiCall, AwsConsoleSignIn, AwsServiceEvent …"),
    Column("event_version", "text", "eventVersion", "major.minor of the record format"),
    Column("management_event", "flag", "managementEvent", "whether it is a management event"),
    Column("recipient_account_id", "text", "recipientAccountId", "whose trail received the event; never the caller"),
    Column("shared_event_id", "text", "sharedEventID", "links the halves of one action in two accounts"),
    Column("request_id", "text", "requestID", "id that the called service gave to the request; not unique"),
    Column("vpc_endpoint_id", "text", "vpcEndpointId", "the VPC endpoint that the request came through"),
    Column("user_identity_type", "text", "userIdentity.type", "Root, IAMUser, AssumedRole, AWSService …"),
    Column("user_identity_arn", "text", "userIdentity.arn", "ARN of the principal"),
    Column(
        "user_identity_principal_id",
        "text",
        "userIdentity.principalId",
        "unique id; for sessions with the session name",
    ),
    Column("user_identity_account_id", "text", "userIdentity.accountId", "account of the principal"),
    Column("user_identity_user_name", "text", "userIdentity.userName", "name of the user, where there is one"),
    Column("invoked_by", "text", "userIdentity.invokedBy", "the service that called on the principal's behalf"),
    Column("access_key_id", "text", "userIdentity.accessKeyId", "AKIA: long-lived key; ASIA: temporary credentials"),
    Column(
        "session_issuer_arn",
        "text",
        "userIdentity.sessionContext.sessionIssuer.arn",
        "who issued the session's credentials",
    ),
    Column(
        "session_created_at",
        "text",
        "userIdentity.sessionContext.attributes.creationDate",
        "when the credentials were issued",
    ),
    Column(
        "mfa_authenticated",
        "text",
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "text true or false, as written",
    ),
    Column(
        "source_identity",
        "text",
        "userIdentity.sessionContext.sourceIdentity",
        "set at the first assumption, kept along the chain",
    ),
    Column("is_console", "flag", "", "whether the call came through the console's session"),
    Column("user_identity", "json", "userIdentity", "the whole element as JSON text"),
    Column("request_parameters", "json", "requestParameters", "JSON text; its shape differs by call"),
    Column("response_elements", "json", "responseElements", "JSON text, for calls that change something"),
    Column("additional_event_data", "json", "additionalEventData", "JSON text"),
    Column("resources", "json", "resources", "JSON text: what was accessed, by ARN"),
    Column("service_event_details", "json", "serviceEventDetails", "JSON text, for service events"),
    Column("record_sha256", "text", "", "hash of the record's bytes as they stand in the log file"),
    Column("log_file", "text", "", "key of the log file in the evidence"),
    Column("record_index", "number", "", "position in the log file's Records, from 0"),
    Column("log_sha256", "text", "", "hash of the uncompressed log file, the very bytes that were judged"),
    Column(
        "status",
        "text",
        "",
        "status of the log file, the best of all that hold the event: intact, unverifiable or unlisted",
    ),
    Column("also_in", "text", "", "other places of the same event, one a line: log file, #, position", in_shard=False),
    Column("is_conflicting", "flag", "", "whether its event_id stands for another content too", in_shard=False),
)


def column_names() -> tuple[str, ...]:
    return tuple(column.name for column in COLUMNS)


def known_column(name: str) -> str:
    """The same name. ColumnError where there is no such column."""
    if name in column_names():
        return name
    near = difflib.get_close_matches(name, column_names(), 1)
    raise ColumnError(name, "no such column", f"did you mean {near[0]}?" if near else "look at docs/columns.md")


def arrow_schema() -> pyarrow.Schema:
    """The schema of a shard. Times are UTC in microseconds."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "json": pa.string(),
        "time": pa.timestamp("us", tz="UTC"),
        "flag": pa.bool_(),
        "number": pa.int32(),
    }
    return pa.schema([pa.field(column.name, types[column.type]) for column in COLUMNS if column.in_shard])
