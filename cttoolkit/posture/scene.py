"""What a check looks at: a trail of an account, answers about it, and the lines that the judgement will show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.configuration.answers import Absent, Answered, Answers, Denied, Failed, Reply
from cttoolkit.configuration.operations import OPERATIONS
from cttoolkit.errors import WindowError
from cttoolkit.posture.history import History, history
from cttoolkit.posture.judged import Line
from cttoolkit.posture.reading import UnansweredError
from cttoolkit.text import shortened
from cttoolkit.window import instant

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["Asked", "Inquiry", "Options", "Scene", "Trail", "moment", "region_of"]

_LONGEST = 600
_OF_RESOURCES = ("s3", "kms", "sns", "logs")
"""Services whose resources may lie in another account, which may be able to answer what the trail's own is refused."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it was put, and its reply."""

    account: str
    region: str
    service: str
    operation: str
    parameters: str
    reply: Reply


@dataclass
class Inquiry:
    """One account under questioning: each question is put once."""

    answers: Answers
    asked: dict[tuple[str, str, str], Asked] = field(default_factory=dict)

    @property
    def account(self) -> str:
        return self.answers.account

    def reply(self, call: str, region: str, parameters: Mapping[str, Any]) -> Reply:
        service, _, operation = call.partition(".")
        told = json.dumps(parameters, sort_keys=True)
        key = (call, region, told)
        if key not in self.asked:
            reply = self.answers.ask(service, operation, region, parameters)
            self.asked[key] = Asked(self.account, region, service, operation, told, reply)
        return self.asked[key].reply


@dataclass(frozen=True)
class Options:
    """What the person who asks wants to be held as right."""

    retention_days: int = 365
    sensitive: tuple[str, ...] = ()
    stewards: tuple[str, ...] = ()
    events: Events | None = None
    as_of: datetime | None = None

    @cached_property
    def history(self) -> History | None:
        """What the events tell of the trails; None without events."""
        return None if self.events is None else history(self.events)


@dataclass(frozen=True, slots=True)
class Trail:
    """One trail as DescribeTrails tells it."""

    arn: str
    described: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    @property
    def account(self) -> str:
        parts = self.arn.split(":")
        return parts[4] if len(parts) > 4 else ""

    @property
    def home(self) -> str:
        return str(self.described.get("HomeRegion") or self.arn.split(":")[3])

    @property
    def bucket(self) -> str:
        return str(self.described.get("S3BucketName", ""))

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


@dataclass
class Scene:
    """One judgement in the making. ``others`` are further accounts that can be asked."""

    inquiry: Inquiry
    options: Options
    trails: Sequence[Trail] = ()
    regions: Sequence[str] = ()
    others: Sequence[Inquiry] = ()
    only: Trail | None = None
    lines: list[Line] = field(default_factory=list)
    last: Line = field(default_factory=lambda: Line(""))

    @property
    def trail(self) -> Trail:
        assert self.only is not None
        return self.only

    @property
    def home(self) -> str:
        """The region to ask: the trail's, or else the account's first."""
        return self.only.home if self.only else self.inquiry.answers.region

    def reply(self, call: str, /, region: str | None = None, *, own: bool = False, **parameters: Any) -> Reply:
        """The reply of the account, or of another that can tell where this one cannot."""
        place = region or self.home
        first = found = self.inquiry.reply(call, place, parameters)
        if not own and call.partition(".")[0] in _OF_RESOURCES:
            for other in self.others:
                if isinstance(found, Answered | Absent):
                    break
                found = other.reply(call, place, parameters)
        reply = found if isinstance(found, Answered | Absent) else first
        self.last = Line("", call, place, reply.at if isinstance(reply, Answered) else None)
        return reply

    def value(self, call: str, /, region: str | None = None, **parameters: Any) -> Mapping[str, Any]:
        """The answer. UnansweredError where there is none, with the permission that was missing."""
        reply = self.reply(call, region, **parameters)
        if isinstance(reply, Answered):
            return reply.value
        raise UnansweredError(self.told(call, reply))

    def maybe(self, call: str, /, region: str | None = None, **parameters: Any) -> Mapping[str, Any] | None:
        """The answer, or None where AWS says that there is none, which is noted."""
        reply = self.reply(call, region, **parameters)
        if isinstance(reply, Absent):
            self.note(f"{reply.code}: there is none")
            return None
        if isinstance(reply, Answered):
            return reply.value
        raise UnansweredError(self.told(call, reply))

    def note(self, told: str) -> None:
        """Keep a line of the answer that was asked for last."""
        self.lines.append(Line(shortened(told, _LONGEST), self.last.call, self.last.region, self.last.at))

    @property
    def now(self) -> datetime | None:
        """AWS' time of the last answer: nothing depends on this machine's clock."""
        return self.last.at

    def told(self, call: str, reply: Reply) -> str:
        """Why a reply is no answer."""
        service, _, operation = call.partition(".")
        if isinstance(reply, Denied):
            return f"{service}:{operation} was refused; it takes the permission {reply.permission}"
        if isinstance(reply, Failed):
            return f"{service}:{operation} was not answered ({shortened(reply.reason, _LONGEST)}); it takes {OPERATIONS[call].permission}"
        return f"{service}:{operation} finds none ({reply.code})" if isinstance(reply, Absent) else "answered"


def moment(value: Any) -> datetime | None:
    """A time in an answer; None where it is none."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        return instant(value)
    except WindowError:
        return None


def region_of(arn: str) -> str | None:
    """The region that an ARN names, which is not always that of the trail; None where it names none."""
    parts = arn.split(":")
    return parts[3] or None if len(parts) > 5 else None
