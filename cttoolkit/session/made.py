"""What calls made, by the names that their answers give it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cttoolkit.session.issues import acts_of

if TYPE_CHECKING:
    from datetime import datetime

    from cttoolkit.events import Events

__all__ = ["Made", "made_in"]

_MOST, _MOST_OF_ONE = 10_000, 100
_INSTANCE = re.compile(r'"instanceId":\s*"(i-[0-9a-f]{8,17})"')
_ANSWER = "responseElements"
_NAMES = {
    "user": (f"{_ANSWER}.user.arn",),
    "access key": (f"{_ANSWER}.accessKey.accessKeyId",),
    "password": (f"{_ANSWER}.loginProfile.userName",),
    "role": (f"{_ANSWER}.role.arn",),
    "group": (f"{_ANSWER}.group.arn",),
    "policy": (f"{_ANSWER}.policy.arn",),
    "instance profile": (f"{_ANSWER}.instanceProfile.arn",),
    "function": (f"{_ANSWER}.functionArn",),
    "stack": (f"{_ANSWER}.stackId",),
    "task definition": (f"{_ANSWER}.taskDefinition.taskDefinitionArn",),
    "snapshot": (f"{_ANSWER}.snapshotId",),
    "image": (f"{_ANSWER}.imageId",),
    "volume": (f"{_ANSWER}.volumeId",),
    "security group": (f"{_ANSWER}.groupId",),
    "key pair": (f"{_ANSWER}.keyPairId",),
    "secret": (f"{_ANSWER}.aRN",),
    "trail": (f"{_ANSWER}.trailARN",),
}
"""Kinds of things, and where an answer names one."""
_NAMED_ONLY = re.compile(r"CreateSnapshots?:volume|CreateVolume:snapshot|Create(?!Function2).*:function")
"""Calls whose answers name what was there before, and the kind of it: the source of a copy, the function of an address."""


class Made(NamedTuple):
    """One thing, with the call that made it."""

    at: datetime
    call: str
    kind: str
    name: str
    event_id: str | None


def made_in(events: Events) -> list[Made]:
    """What these events made: users, keys, roles, policies, functions, instances and more."""
    table = events.succeeded().where(
        lambda e: e.event_name.re_search("^(Create|Run|Register|Publish|Import|Copy)") & e.response_elements.notnull()
    )
    places = {f"n{number}": paths for number, paths in enumerate(_NAMES.values())}
    found = acts_of(table, **places, instances=(f"{_ANSWER}.instancesSet",))
    wanted = found.select("at", "call", "cited", *places, "instances")
    rows: list[dict[str, Any]] = wanted.order_by(["at", "cited", "call"]).limit(_MOST).to_pyarrow().to_pylist()
    made = []
    for row in rows:
        named = [(kind, row[place]) for kind, place in zip(_NAMES, places, strict=True) if row[place]]
        named = [one for one in named if not _NAMED_ONLY.fullmatch(f"{row['call']}:{one[0]}")]
        named += [("instance", one) for one in _INSTANCE.findall(row["instances"] or "")[:_MOST_OF_ONE]]
        made += [Made(row["at"], row["call"], kind, name, row["cited"]) for kind, name in named]
    return made
