"""A bucket's evidence copied whole into a folder: what was asked for, each object as S3 holds it, and a manifest of it all."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from cttoolkit.collection.account import Gathered, ask_account, ask_caller
from cttoolkit.collection.copying import Copying
from cttoolkit.collection.download import Downloader
from cttoolkit.collection.finishing import finish, span_of
from cttoolkit.collection.listing import Lister
from cttoolkit.collection.lock import locked
from cttoolkit.collection.spool import Spool
from cttoolkit.collection.wanted import UNSEARCHED, Wanted, find_stretches
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.manifest import Marker
from cttoolkit.custody.path import PARTIAL
from cttoolkit.custody.seal import load_private
from cttoolkit.errors import EvidenceError
from cttoolkit.key import DigestKey, LogKey, parse_key
from cttoolkit.sources.clients import Access, telling
from cttoolkit.text import number_of, visible
from cttoolkit.window import Window, instant, written

__all__ = ["Collection", "collect"]

_PLACE = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Collection:
    """What one run of collect() did. ``manifest_sha256`` is for the notes: it binds every file of the folder."""

    folder: Path
    manifest_sha256: str
    listed: int
    collected: int
    kept: int
    """Objects that an earlier run had collected, their files hashed again."""
    size: int
    recovered: tuple[str, ...]
    not_collected: dict[str, str]
    conflicts: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every object that was listed is there, and nothing that was asked of the account was refused."""
        return not self.not_collected and not self.conflicts

    @property
    def sentence(self) -> str:
        parts = [f"{number_of(self.collected, 'object')} collected ({self.size:,} bytes)"]
        if self.kept:
            parts.append(f"{self.kept:,} there already")
        if self.recovered:
            parts.append(f"{len(self.recovered):,} recovered from older versions")
        if self.not_collected:
            parts.append(f"{len(self.not_collected):,} not collected")
        if self.conflicts:
            parts.append(f"{len(self.conflicts):,} in conflict with what lies there")
        return f"{' · '.join(parts)} · manifest sha256 {self.manifest_sha256}"

    def __repr__(self) -> str:
        return f"Collection in {visible(self.folder)}: {self.sentence}"


def collect(
    place: str,
    folder: str | os.PathLike[str],
    *,
    window: Window | None = None,
    accounts: Iterable[str] = (),
    regions: Iterable[str] = (),
    organizations: Iterable[str] = (),
    versions: bool = False,
    configuration: bool = True,
    profile: str | None = None,
    role_arn: str | None = None,
    endpoint_url: str | None = None,
    signing_key: str | os.PathLike[str] | None = None,
    workers: int = 32,
    clock: Callable[[], datetime] | None = None,
) -> Collection:
    """Copy the CloudTrail objects of ``s3://bucket/prefix`` into a folder, with metadata, public keys and a manifest.

    Only listing and reading is asked of AWS. ``window`` is of delivery; the days of its ends and one more on each side are collected.
    With ``versions``, older versions come too, under ``versions/``, and what was deleted or overwritten is put in its place again where
    a digest lists its hash. A run that was broken off goes on when the same is asked again. Times of collection are those of S3's
    answers; with a ``clock``, the manifest tells how far it was off.

    Raises EvidenceError where AWS refuses what nothing goes on without, and where the folder cannot be written. Single objects that
    could not be had, or that differ from what an earlier run collected, are named in what is returned.
    """
    found = _PLACE.fullmatch(place)
    if found is None:
        raise EvidenceError(place, "no address of a bucket", "write s3://bucket or s3://bucket/prefix/")
    key = None if signing_key is None else load_private(Path(signing_key))
    root = Path(folder)
    files = EvidenceFolder(root)
    with locked(root):
        asked = {
            "source": place,
            "window": None if window is None else [written(window.start), written(window.end)],
            "accounts": sorted(accounts),
            "regions": sorted(regions),
            "organizations": sorted(organizations),
            "versions": versions,
        }
        wanted = Wanted(window, frozenset(accounts), frozenset(regions), frozenset(organizations))
        access = Access(profile, role_arn, endpoint_url, workers)
        run = _Run(files, access, found["bucket"], found["prefix"] or "", wanted, asked, clock)
        return run.collect(versions=versions, configuration=configuration, workers=workers, key=key)


@dataclass
class _Run:
    files: EvidenceFolder
    access: Access
    bucket: str
    prefix: str
    wanted: Wanted
    asked: dict[str, Any]
    clock: Callable[[], datetime] | None

    def collect(self, *, versions: bool, configuration: bool, workers: int, key: Any) -> Collection:
        gathered = Gathered()
        place = self.files.root / PARTIAL
        with ExitStack() as opened:
            ledger = opened.enter_context(Ledger(place / "ledger"))
            before = ledger.read(self.files.root)
            number = len(ledger.runs) + 1
            s3 = self.access.client("s3")
            times = self._times(s3)
            caller = ask_caller(self.access, gathered)
            listed = opened.enter_context(Spool(place / "listed"))
            ledger.left_out = self._list(Lister(s3, self.bucket), listed, gathered, versions=versions)
            journal = opened.enter_context(Journal(self.files.root, ledger.note_first))
            source = f"s3://{self.bucket}"
            downloader = Downloader(s3, self.bucket, session=self.access.session())
            copying = Copying(self.files, journal, downloader, source, number, ledger, workers)
            copying.copy(listed, versions=versions)
            if configuration:
                regions, homes = self._regions(ledger, listed)
                window = self.wanted.window or span_of(one.key for one in listed)
                ask_account(
                    self.access,
                    gathered,
                    account=caller.get("account"),
                    bucket=self.bucket,
                    regions=regions,
                    homes=homes,
                    window=window,
                    place=place / "answers",
                )
            ledger.mark(
                Marker(one.key, one.version_id or "null", one.last_modified, one.is_latest) for one in listed.markers()
            )
            ledger.not_collected = dict(sorted({**copying.refused, **gathered.refused}.items()))
            told = {
                **self.asked,
                "number": number,
                "by": caller,
                "profile": self.access.profile,
                "role_arn": self.access.role_arn,
            }
            told |= {"endpoint_url": self.access.endpoint_url, "started_at": written(times[0]) if times[0] else None}
            told |= {"clock_offset_seconds": times[1], "listed": len(listed), "collected": copying.collected}
            sha256 = finish(self.files, ledger, gathered.files, told, before, key)
            journal.remove()
            count = len(listed)
        self.files.close()
        return Collection(
            self.files.root,
            sha256,
            count,
            copying.collected,
            copying.kept,
            copying.size,
            tuple(sorted(copying.recovered)),
            ledger.not_collected,
            tuple(sorted(copying.conflicts)),
        )

    def _list(self, lister: Lister, listed: Spool, gathered: Gathered, *, versions: bool) -> dict[str, str]:
        """What is wanted goes into the spool; what was seen and is not asked for is returned, with the reason."""
        stretches, left_out = find_stretches(self.prefix, self.wanted, lister.folders)
        unsearched = sum(reason == UNSEARCHED for reason in left_out.values())
        if unsearched:
            gathered.refused[f"{self.asked['source']} (folders)"] = (
                f"{number_of(unsearched, 'folder')} too many to be searched; left_out names them: give one, and collect it as well"
            )
        for page in lister.versions(stretches) if versions else lister.objects(stretches):
            listed.add(one for one in page if self._is_wanted(one.key))
        return dict(sorted(left_out.items()))

    def _times(self, s3: Any) -> tuple[datetime | None, float | None]:
        """S3's time, and by how many seconds the clock that was handed in is ahead of it."""
        from email.utils import parsedate_to_datetime

        with telling(f"s3://{self.bucket}/{self.prefix}"):
            answer = s3.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1)
        mine = None if self.clock is None else instant(self.clock(), subject="clock")
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        try:
            theirs = instant(parsedate_to_datetime(date)) if date else None
        except ValueError:
            theirs = None
        return theirs, None if mine is None or theirs is None else round((mine - theirs).total_seconds(), 1)

    def _is_wanted(self, key: str) -> bool:
        """What a prefix within a day or month lists beyond the window; keys without a time stay, since they may hide something."""
        found = parse_key(key)
        if self.wanted.window is None or not isinstance(found, LogKey | DigestKey):
            return True
        moment = found.delivered_at if isinstance(found, LogKey) else found.ended_at
        day = f"{moment:%Y/%m/%d}"
        first, last = self.wanted.first_day, self.wanted.last_day
        return (first or "") <= day <= (last or "9")

    def _regions(self, ledger: Ledger, listed: Spool) -> tuple[set[str], set[str]]:
        """The regions that the keys name, and those that are home to a trail."""
        found: set[str] = set()
        homes: set[str] = set()
        keys = chain((one.key for one in listed), (one.key for one in ledger))
        for key in map(parse_key, keys):
            if isinstance(key, LogKey | DigestKey):
                found.add(key.region)
            if isinstance(key, DigestKey):
                homes.add(key.home_region)
        return found | homes, homes
