"""Which regions and trails an account has, as far as it can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cttoolkit.configuration.answers import Answered
from cttoolkit.posture.reading import UnansweredError, objects
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
        try:
            listed = objects(reply.value, "trailList")
        except UnansweredError as error:
            unseen[region] = str(error)
            continue
        for one in listed:
            arn = str(one.get("TrailARN", ""))
            if arn.count(":") >= _ARN_PARTS - 1:
                trails.setdefault(arn, Trail(arn, one))
    return Found(tuple(regions), tuple(trails[arn] for arn in sorted(trails)), unseen)


def _regions(scene: Scene, inquiry: Inquiry) -> tuple[Sequence[str], dict[str, str]]:
    home = inquiry.answers.region
    why = ""
    for call in (_REGIONS, _REGIONS_OF_EC2):
        reply = inquiry.reply(call, home, {})
        if not isinstance(reply, Answered):
            why = why or scene.told(call, reply)
            continue
        try:
            listed = objects(reply.value, "Regions")
        except UnansweredError as error:
            why = why or str(error)
            continue
        enabled = (one for one in listed if one.get("RegionOptStatus") not in ("DISABLED", "DISABLING"))
        return sorted({home, *(str(one.get("RegionName")) for one in enabled)}), {}
    return [home], {"other regions": why}
