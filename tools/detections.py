"""Write docs/detections.md from the catalogue: what each detection asks, how it errs, how it is got round."""

from __future__ import annotations

import sys
from pathlib import Path

from cttoolkit.attack import LATER_VERSION, VERSION
from cttoolkit.detection import Calls, Detection
from cttoolkit.detections import CATALOGUE, GROUPS

PLACE = Path(__file__).parent.parent / "docs" / "detections.md"
HEAD = f"""# Detections

Written by `tools/detections.py` from `cttoolkit/detections/`. What a detection sees is a lead: its events are cited by a finding, which
stands as they do.

`events` are those of [your own bucket](your-bucket.md):

<!-- with: events of your-bucket.md -->
```python
seen = ct.detect(events)                     # or only="privilege", only="cis", only=["trail-stopped", "trail-narrowed"]
seen.questions()                             # every detection that was asked, with those that saw nothing
seen                                         # a row for each detection and actor
```

```text
admitted (IntactOnly): 10 sightings by 9 of {len(CATALOGUE)} detections
severity  detection                      actor                                 account       events  failed  …
high      tool-agent                     arn:aws:iam::111122223333:user/alice  111122223333  21      6       …
high      administrator-policy-attached  arn:aws:iam::111122223333:user/alice  111122223333  1       0       …
high      key-for-another-user           arn:aws:iam::111122223333:user/alice  111122223333  1       0       …
…
```

```python
seen[0].events                               # the events behind a row
```

```text
Events admitted (IntactOnly) ▸ where by an agent of attackers ▸ actor = … ▸ recipient_account_id = '111122223333': 21
```

```python
ct.report(seen.findings("high"))             # as conclusions
```

```text
Report: CloudTrail findings
  proved present: arn:aws:iam::111122223333:user/alice was seen to call with a user agent that names an attacker's or auditor's tool …
  proved present: arn:aws:iam::111122223333:user/alice was seen to attach a policy of administrators in account 111122223333.
  proved present: arn:aws:iam::111122223333:user/alice was seen to make an access key for another user in account 111122223333.
  proved present: arn:aws:sts::111122223333:assumed-role/data-export/backup was seen to call with a user agent that names …
```

Rows are sorted by severity and then by time, and none is a score. `failed` counts attempts; where all failed the claim says so. Calls
whose parameters CloudTrail left out for their size are counted as *cannot tell*. A detection of your own is a `ct.Detection`, given to
`only=`.

Techniques are MITRE ATT&CK for Enterprise, version {VERSION}, with the id of version {LATER_VERSION} where it moved.
"""

NOTES = {
    "cis": """
The conditions of section 4 of the CIS AWS Foundations Benchmark, in the numbers of its versions 1.4 to 3; asked only by name,
`only="cis"`. 4.16, that Security Hub is enabled, is a matter of configuration: no log answers it. These conditions are no coverage of
attacks: `PutEventSelectors`, `CreateAccessKey`, `CreateLoginProfile` and `UpdateAssumeRolePolicy` are in none of them.
""",
}


def page() -> str:
    return HEAD + "".join(
        f"\n## {family}\n{NOTES.get(family, '')}{''.join(_told(one) for one in detections)}"
        for family, detections in GROUPS.items()
    )


def _told(one: Detection) -> str:
    lines = [f"\n### {one.name}\n", f"{one.question} *{one.severity.value.capitalize()}.*", ""]
    if isinstance(one.find, Calls):
        looks = ", if their parameters say so" if one.find.looks_inside else ""
        lines.append(f"- Calls{looks}: {', '.join(f'`{name}`' for name in one.find.names)}")
    elif one.find.__doc__:
        lines.append(f"- {' '.join(one.find.__doc__.split())}")
    if one.techniques:
        lines.append(f"- ATT&CK: {'; '.join(map(str, one.attack))}")
    lines += [f"- Mistaken for it: {one.false_positives}", f"- Got round: {one.bypass}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            None if PLACE.read_text() == page() else f"{PLACE}: not what the catalogue says; run tools/detections.py"
        )
    PLACE.write_text(page())
