"""An account under questioning in a collection: what it was asked is kept, and expired credentials end it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from cttoolkit.configuration import Answers, Denied, Failed, Reply
from cttoolkit.configuration.answers import Parameters
from cttoolkit.errors import EvidenceError
from cttoolkit.posture.scene import Asked
from cttoolkit.sources.clients import RENEW, is_expired

__all__ = ["Questioned"]


@dataclass(frozen=True, slots=True)
class Questioned:
    """Answers of another source, with a list of all that was asked."""

    answers: Answers
    asked: list[Asked] = field(default_factory=list)

    @property
    def account(self) -> str:
        return self.answers.account

    @property
    def region(self) -> str:
        return self.answers.region

    @property
    def source(self) -> str:
        return self.answers.source

    def ask(self, service: str, operation: str, region: str, parameters: Parameters = {}) -> Reply:  # noqa: B006
        """Ask. EvidenceError where the credentials have expired, since every answer after that would be the same."""
        reply = self.answers.ask(service, operation, region, parameters)
        if isinstance(reply, Failed) and is_expired(reply.reason.partition(":")[0]):
            raise EvidenceError(f"{service}.{operation}", f"AWS refuses: {reply.reason}", RENEW)
        told = json.dumps(parameters, sort_keys=True)
        self.asked.append(Asked(self.account, region, service, operation, told, reply))
        return reply

    @property
    def refused(self) -> dict[str, str]:
        """What was not answered, by the question, with the reason. That there is no such thing is an answer."""
        found = {}
        for one in self.asked:
            name = (
                f"{one.service}.{one.operation}.{one.region} {' '.join(map(str, json.loads(one.parameters).values()))}"
            )
            match one.reply:
                case Denied(permission):
                    found[name.strip()] = f"AWS refuses it; ask for the permission {permission}"
                case Failed(reason):
                    found[name.strip()] = f"{reason}; see what AWS says of it, and run it again"
        return found
