"""A world: accounts with their trails, the days they live through, the story played out in them, the truth that comes of it.

world = World("leaked-key", seed=seed, start="2026-03-01T00:00:00Z", days=2)
acme = world.account("111122223333", regions=("us-east-1", "eu-west-1"))
acme.live(live_a_day)
acme.story.write(thief, "us-east-1", world.at("02:19:06"), "iam", "CreateUser", …, story="user_created")
bucket, truth = world.seal({"user_created": "the stolen key creates a user"}, suspect=…, window=…)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.errors import ScenarioError
from cttoolkit.progress import progress
from cttoolkit.training.bucket import Bucket
from cttoolkit.training.day import Day
from cttoolkit.training.draws import Draws
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.training.trail import Trail
from cttoolkit.window import Instant, Window, instant, written

__all__ = ["Account", "World"]

_AFTERWARDS = timedelta(hours=1)
"""How long trails go on after the last midnight, so that what was late is still delivered and listed."""


@dataclass(frozen=True)
class Account:
    """An account of a world, with one scribe for everyday life and one for the story."""

    world: World = field(repr=False)
    account_id: str
    regions: tuple[str, ...]
    home: str
    trail: Trail = field(repr=False)
    everyday: Scribe = field(repr=False)
    story: Scribe = field(repr=False)
    _names: tuple[str, ...]

    def live(self, *lives: Callable[[Day], None], regions: Iterable[str] = ()) -> None:
        """Fill every day of the world with what happens anyway. Each part is given the Day; one scribe writes them all.

        It happens in ``regions``, all of the account's unless said; the others stay silent but for the story.
        """
        places = tuple(regions) or self.regions
        days = range(self.world.days)
        for number in progress(days, desc=f"days of {self.account_id}", unit="day"):
            start = self.world.start + timedelta(days=number)
            draws = Draws("day", self.world.seed, start.date(), *self._names)
            day = Day(self.everyday, self.account_id, places, self.home, start, draws, self.world.volume)
            for part in lives:
                part(day)

    def copy_to(self, name: str, *regions: str, prefix: str = "") -> Trail:
        """Have a second trail record the management events of these regions from now on, as it records them: byte for byte."""
        world = self.world
        copy = world.simulator.trail(
            name, account=self.account_id, home=regions[0], regions=regions, bucket=world.bucket, prefix=prefix,
            start=world.span.start, end=world.span.end, every=self.trail.every,
        )  # fmt: skip
        self.trail.copies.append(copy)
        return copy


class World:
    """Accounts, and the time that they have: ``days`` from ``start``, a UTC midnight, and an hour for what is late.

    ``volume`` is for everyday life alone. The same name, seed, days and volume give the same bytes.
    """

    def __init__(
        self,
        name: str,
        *,
        start: Instant,
        seed: int = 1,
        days: int = 2,
        volume: float = 1.0,
        bucket: str = "example-log-archive",
    ) -> None:
        self.name, self.seed, self.days, self.volume, self.bucket = name, seed, days, volume, bucket
        self.start = instant(start)
        self.span = Window(self.start, self.start + timedelta(days=days) + _AFTERWARDS)
        self.simulator = Simulator(seed)
        self.named: dict[str, list[str]] = {}
        self._accounts: dict[str, Account] = {}

    def at(self, clock: str, day: int = 0) -> datetime:
        """A time of day, ``02:19:06`` or ``02:19``, of the first day or of a later one."""
        date = (self.start + timedelta(days=day)).date()
        return instant(f"{date}T{clock}Z", subject=clock)

    def account(
        self,
        account_id: str,
        *,
        regions: Iterable[str],
        home: str | None = None,
        trail: str = "management-events",
        organization: str | None = None,
        owner: str | None = None,
        prefix: str = "",
        every: timedelta = timedelta(minutes=5),
        selectors: dict[str, Any] | None = None,
        lateness: int = 0,
    ) -> Account:
        """Add an account with its trail. ``home`` is the trail's home region, the first one unless said.

        An account of an organization names it (``o-…``) and the ``owner`` of the organization's trail. Of a thousand everyday
        records ``lateness`` are delivered more than half an hour late.
        """
        if account_id in self._accounts:
            raise ScenarioError(account_id, "this world has the account already", "use the one that account() returned")
        places = tuple(regions)
        made = self.simulator.trail(
            trail, account=account_id, home=home or places[0], regions=places, bucket=self.bucket, prefix=prefix,
            start=self.span.start, end=self.span.end, organization=organization, owner=owner, every=every, selectors=selectors,
        )  # fmt: skip
        # Scribes of different names draw different ids; the first account needs no name to be told apart.
        names = (account_id,) if self._accounts else ()
        everyday, story = Scribe(made, self.seed, "everyday", *names), Scribe(made, self.seed, "story", *names)
        everyday.lateness = lateness
        everyday.named = story.named = self.named
        account = Account(self, account_id, places, home or places[0], made, everyday, story, names)
        self._accounts[account_id] = account
        return account

    def draws(self, *names: object) -> Draws:
        """A stream of draws for a part of the story."""
        return Draws(*names, self.seed)

    def seal(
        self,
        meanings: Mapping[str, str],
        *,
        suspect: str | None = None,
        window: Window | None = None,
        absent: Iterable[str] = (),
        **more: Any,
    ) -> tuple[Bucket, dict[str, Any]]:
        """The signed bucket, and the truth: of each part of the story what it means, and which events it is.

        ``absent`` are names of events that never happened; ``more`` goes into the truth as it is. A part without a meaning,
        or a meaning without events, is a ScenarioError.
        """
        strange, silent = self.named.keys() - meanings.keys(), meanings.keys() - self.named.keys()
        if strange or silent:
            wrong = f"without a meaning: {_listed(strange)}; without events: {_listed(silent)}"
            raise ScenarioError(self.name, wrong, "name every part of the story once in the meanings, and write it")
        truth = {
            "world": self.name,
            "suspect": suspect,
            "window": {"start": written(window.start), "end": written(window.end)} if window else None,
            **more,
            "absent": list(absent),
            "meanings": dict(meanings),
            "claims": {name: self.named[name] for name in meanings},
            "tampering": [],
        }
        return self.simulator.seal(), truth


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
