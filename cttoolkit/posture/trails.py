"""Which regions and trails an account has, as far as it can be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cttoolkit.configuration.answers import Answered
from cttoolkit.posture.scene import Inquiry, Scene, Trail

__all__ = ["Found", "find_trails"]

_REGIONS, _REGIONS_OF_EC2, _TRAILS = "account.ListRegions", "ec2.DescribeRegions", "cloudtrail.DescribeTrails"
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True)
class Found:
    """The enabled regions and the trails seen from them. ``unseen`` says, by region, why trails there are not known."""

    regions: tuple[str, ...]
    trails: tuple[Trail, ...]
    unseen: Mapping[str, str]


def find_trails(scene: Scene) -> Found:
    """Ask every enabled region for its trails. Those of all regions, and an organization's, show in each of them."""
    inquiry = scene.inquiry
    regions, unseen = _regions(scene, inquiry)
    trails: dict[str, Trail] = {}
    for region in regions:
        reply = inquiry.reply(_TRAILS, region, {"includeShadowTrails": True})
        if not isinstance(reply, Answered):
            unseen[region] = scene.told(_TRAILS, reply)
            continue
        for one in reply.value.get("trailList") or ():
            arn = str(one.get("TrailARN", "")) if isinstance(one, Mapping) else ""
            if arn.count(":") >= _ARN_PARTS - 1:
                trails.setdefault(arn, Trail(arn, one))
    return Found(tuple(regions), tuple(trails[arn] for arn in sorted(trails)), unseen)


def _regions(scene: Scene, inquiry: Inquiry) -> tuple[Sequence[str], dict[str, str]]:
    home = inquiry.answers.region
    reply = inquiry.reply(_REGIONS, home, {})
    if isinstance(reply, Answered):
        listed = reply.value.get("Regions") or ()
        enabled = (one for one in listed if one.get("RegionOptStatus") not in ("DISABLED", "DISABLING"))
        return _with_home((str(one.get("RegionName")) for one in enabled), home), {}
    other = inquiry.reply(_REGIONS_OF_EC2, home, {})
    if isinstance(other, Answered):
        listed = other.value.get("Regions") or ()
        return _with_home((str(one.get("RegionName")) for one in listed), home), {}
    return [home], {"other regions": scene.told(_REGIONS, reply)}


def _with_home(regions: Iterable[str], home: str) -> list[str]:
    return sorted({home, *regions})
