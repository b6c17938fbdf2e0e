"""Secrets that were read: as the store that holds them tells it, and as KMS does, which decrypts them.

Sources: the API references of Secrets Manager, Systems Manager and KMS; AWS Secrets Manager User Guide, "Secret encryption and
decryption", and Systems Manager User Guide, "How AWS Systems Manager Parameter Store uses AWS KMS", of the encryption context.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["secrets"]

_ONE = {
    "GetSecretValue": "requestParameters.secretId",
    "GetParameter": "requestParameters.name",
    "GetParameterHistory": "requestParameters.name",
}
_SEVERAL = {"BatchGetSecretValue": "requestParameters.secretIdList", "GetParameters": "requestParameters.names"}
_BELOW = "GetParametersByPath"
_PARAMETERS = ("GetParameter", "GetParameterHistory", "GetParameters", _BELOW)
_STORES = ("secretsmanager.amazonaws.com", "ssm.amazonaws.com")
_KMS = "kms.amazonaws.com"
_CONTEXTS = {
    "Secrets Manager": "requestParameters.encryptionContext.SecretARN",
    "Parameter Store": "requestParameters.encryptionContext.PARAMETER_ARN",
}
_DECRYPTED = r'"withDecryption"\s*:\s*true'
_UNNAMED = "not named"
_KEYS = ("recipient_account_id", "aws_region", "store", "secret")


def secrets(events: Events) -> Pivot:
    """Each secret or decrypted parameter that was asked for, in order of time, as two witnesses tell it.

    ``reads`` counts calls to the store that succeeded, ``decrypts`` those that KMS recorded for it, which name the secret even where
    the call to the store did not (BatchGetSecretValue by a filter is *not named*; GetParametersByPath stands under its path and ``*``).
    Decrypts without reads: the value was had another way, or the trail of the reads is not in the evidence. Reads without decrypts:
    KMS is left out of the trail, or a parameter was no SecureString. An event that names several secrets counts in each row.

    Names are told without the ARN around them and the six characters that Secrets Manager adds to it.
    """
    asked = events.where(Match("for something secret", _is_asked))
    table = marked(asked, asked.table)
    table = table.mutate(secret=_names(table), store=_store(table))
    table = table.mutate(secret=table.secret.unnest())
    is_kms, is_done = table.event_source == _KMS, ~is_failed(table)
    told = brief(table) | {
        "reads": (is_done & ~is_kms).sum(),
        "decrypts": (is_done & is_kms).sum(),
        "failed": (~is_done).sum(),
        "actors": table.actor.nunique(),
        "standing": worth(asked, table),
    }
    rows = table.group_by(_KEYS).aggregate(**told)
    ordered = rows.order_by([rows["first"].asc(), *(rows[key].asc() for key in _KEYS)])
    return Pivot("account, region, store and secret", asked, ordered, _KEYS, asked=events, drilled=_drilled)


def _drilled(events: Events, row: Mapping[str, Any]) -> Events:
    placed = events.where(recipient_account_id=row["recipient_account_id"], aws_region=row["aws_region"])
    return placed.where(Match(f"of {row['secret']!r} in {row['store']}", partial(_is_of, row=row)))


def _is_of(table: ibis.Table, row: Mapping[str, Any]) -> Any:
    return (_store(table) == row["store"]) & _names(table).contains(row["secret"])


def _is_asked(table: ibis.Table) -> Any:
    secret = table.event_name.isin(("GetSecretValue", "BatchGetSecretValue"))
    parameter = table.event_name.isin(_PARAMETERS) & table.request_parameters.re_search(_DECRYPTED)
    decrypted = (table.event_source == _KMS) & (table.event_name == "Decrypt") & _context(table).notnull()
    return (table.event_source.isin(_STORES) & (secret | parameter.fill_null(False))) | decrypted


def _context(table: ibis.Table) -> Any:
    import ibis

    return ibis.coalesce(*(param(path).value(table) for path in _CONTEXTS.values()))


def _store(table: ibis.Table) -> Any:
    import ibis

    first, second = _CONTEXTS
    is_first = param(_CONTEXTS[first]).value(table).notnull()
    is_first |= table.event_source == "secretsmanager.amazonaws.com"
    return ibis.ifelse(is_first, first, second)


def _names(table: ibis.Table) -> Any:
    """The names that a call asks for, each once and as plain as it gets; *not named* where it does not say."""
    import ibis

    name = table.event_name
    one = ibis.cases(
        *((name == call, param(path).value(table)) for call, path in _ONE.items()),
        (name == _BELOW, param("requestParameters.path").value(table).re_replace("/+$", "") + "/*"),
        (name == "Decrypt", _context(table)),
        else_=None,
    )
    several = ibis.cases(*((name == call, param(path).value(table)) for call, path in _SEVERAL.items()), else_=None)
    # Neither store allows a quotation mark in a name, so that a list can be taken apart by them.
    inner = several.re_replace(r'^\[\s*"|"\s*\]$', "").re_replace(r'"\s*,\s*"', "\n")
    asked = ibis.coalesce(one, inner, _UNNAMED)
    return asked.split("\n").map(_plain).unique()


def _plain(name: Any) -> Any:
    """Without the ARN around it, the suffix of a secret's, and the version of a parameter's."""
    is_secret = name.re_search(r"^arn:[^:]*:secretsmanager:")
    bare = name.re_replace(r"^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:", "")
    bare = bare.re_replace(r"^arn:[^:]*:ssm:[^:]*:[^:]*:parameter/?", "")
    is_parameter = name.re_search(r"^arn:[^:]*:ssm:")
    bare = is_secret.ifelse(bare.re_replace("-[A-Za-z0-9]{6}$", ""), bare)
    # A parameter's ARN drops the slash that a name of several levels begins with.
    return (is_parameter & bare.contains("/")).ifelse("/" + bare.re_replace("^/", ""), bare)
