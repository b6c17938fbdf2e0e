"""Write docs/posture.md from the checks: what each asks, why it matters, what to do, and the permissions that all of them take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cttoolkit.configuration import OPERATIONS
from cttoolkit.posture import CHECKS, GOOD_TRAIL, Check
from cttoolkit.posture.checks import ALWAYS

PLACE = Path(__file__).parent.parent / "docs" / "posture.md"
MOTO = (
    "cloudtrail.DescribeTrails", "cloudtrail.GetEventSelectors", "cloudtrail.GetInsightSelectors", "cloudtrail.GetTrailStatus",
    "config.DescribeConfigRules", "ec2.DescribeRegions", "guardduty.ListDetectors", "iam.GetAccountAuthorizationDetails",
    "iam.ListEntitiesForPolicy", "kms.DescribeKey", "kms.GetKeyPolicy", "kms.GetKeyRotationStatus",
    "organizations.DescribeOrganization", "organizations.ListPolicies", "s3.GetBucketAcl", "s3.GetBucketLifecycleConfiguration",
    "s3.GetBucketLocation", "s3.GetBucketLogging", "s3.GetBucketOwnershipControls", "s3.GetBucketPolicy",
    "s3.GetBucketPolicyStatus", "s3.GetBucketReplication", "s3.GetBucketVersioning", "s3.GetObjectLockConfiguration",
    "s3.GetPublicAccessBlock", "s3.ListObjectsV2", "securityhub.DescribeHub",
)  # fmt: skip
"""What moto answers in the tests, as AWS or by AWS' code for nothing."""

HEAD = f"""# Posture: was the trail itself fit to be evidence?

Written by `tools/posture.py` from `cttoolkit/posture/checks/`. An audit holds the trails of an account, their bucket, key and alarms
against AWS' "Security best practices in AWS CloudTrail" and a few practices of our own, and says of each what it means for an
investigation. It tells what was answered and when. It does not say that anything is secure.

Of a sample, from the recorded answers that lie beside its evidence:

```python
audit = ct.posture.audit("data/samples/ransom")      # recorded answers, in configuration/
audit
```

```text
14 pass · 4 fail · 3 unknown · 5 not applicable; one trail passes CT-01, CT-02, CT-03, CT-06, CT-14: management-events
check  outcome  trail              practice                                             reason
CT-01  pass     management-events  A trail is logging, and its log files arrive         logging, last delivery 2026-06-10T01:26:00Z, …
CT-02  pass     management-events  The trail records all regions and global services    all enabled regions, and global services
…
CT-15  fail     management-events  The bucket's policy lets this trail deliver, and …   trails of any account may deliver here, …
…
```

```python
audit.matrix()                                       # checks by trail
audit["CT-15"][0].lines                              # the lines of the answer that it rests on
```

```text
(Line(told='statement 2 (Deliver): {{"Sid": "Deliver", "Effect": "Allow", …
```

```python
audit.save("posture.html")

keys = ct.load_keys("data/samples/ransom/public-keys.json")
events = ct.admit(ct.verify(ct.open_evidence("data/samples/ransom"), keys), ct.IntactOnly())
ct.posture.audit("data/samples/ransom", events=events, as_of="2026-06-09T03:30Z")   # as it was then
```

```text
10 pass · 6 fail · 5 unknown · 5 not applicable; no one trail passes all of … (as of 2026-06-09T03:30:00Z)
check  outcome  trail              practice                                       reason
CT-01  fail     management-events  A trail is logging, and its log files arrive   logging as of 2026-06-09T03:30:00Z: no (StopLogging …
…
```

```python
ct.plot.trails(events).save("trails.png")            # as a strip, over the coverage
ct.posture.history(events)                           # who stopped, narrowed or moved a trail
```

```text
1 trail: 1 stopped, 2 started
at                    kind     call          what               account       actor                                    …
2026-06-09T00:01:08Z  started  StartLogging  management-events  111122223333  arn:aws:sts::111122223333:assumed-role/deploy-pipeline/…
2026-06-09T02:37:12Z  stopped  StopLogging   management-events  111122223333  arn:aws:iam::111122223333:user/svc-backup  …
2026-06-09T06:01:08Z  started  StartLogging  management-events  111122223333  nina@example.com                         …
```

Live, read-only, with a profile's credentials:

<!-- not run: asks AWS -->
```python
audit = ct.posture.audit(*ct.posture.open_accounts(profile="audit"))
```

On the command line, offline and from the events alone:

```sh
cttoolkit posture --collected data/samples/ransom
cttoolkit posture --evidence data/samples/ransom --keys data/samples/ransom/public-keys.json \\
    --as-of 2026-06-09T03:30Z
```

```text
14 pass · 4 fail · 3 unknown · 5 not applicable; one trail passes CT-01, CT-02, CT-03, CT-06, CT-14: management-events
…
0 pass · 2 fail · 24 unknown · 0 not applicable; no one trail passes all of … (as of 2026-06-09T03:30:00Z)
…
```

Live, with the credentials of a profile or of the environment; of several accounts, one role each; with `--record`, every answer is
kept, and a note for absences:

<!-- not run: asks AWS -->
```sh
cttoolkit posture --profile audit
cttoolkit posture --role-arn arn:aws:iam::111122223333:role/audit --role-arn arn:aws:iam::444455556666:role/audit
cttoolkit posture --profile audit --record case/posture
```

## Outcomes

| outcome | means |
|---|---|
| pass | the answer says so |
| fail | the answer says otherwise; *in part* where one point of several is missing |
| unknown | nobody answered: refused (the permission is named), out of reach, not asked then, or a policy that cannot be weighed |
| not applicable | there is no such thing here, or it is reported without a judgement |

Unknown is never a pass, and the summary counts it. The exit code is 0 where all pass or do not apply, 1 where any check fails, 3 where
none fails and something is unknown, 2 for misuse. `good_trails` are those of which one and the same passes
{", ".join(GOOD_TRAIL)}; two trails of which each passes half are none.

What is late is reckoned from AWS' own time of the answer, and not from the clock of this machine. A trail that several accounts see is
asked of its owner where that is among them. What the trail's account is refused of a bucket, key, topic or log group is asked of the
other accounts.

## As of an earlier time

Only events tell of it. Changes to a trail are events in its home region: from one on, what it set is known as long as verified digests
cover that region without a gap. A trail of which there are digests was logging, and was validated. Where no change and no digest tells,
the collector's note does, if nothing can have been changed unseen since. All else is unknown, and answers about a bucket or a key that
was touched after the time asked for are unknown too.

Absences rest on the same: *event selectors* is met where intact events show that all management events were selected in the whole
window, or where the note says so and intact events of the window bear it out; not met where they show the trail stopped or narrowed in
it; and else unknown. In each place the trail whose digests cover the window has to be one that records such events. Of data events it
is asked with their resource:

```python
reads = events.named("GetObject").in_region("us-east-1")
window = ct.Window.of("2026-06-09T08:00Z", "2026-06-09T09:00Z")
print(ct.absence("Nobody read a claim.", reads, window, resource="arn:aws:s3:::acme-claims-archive").standing)
```

```text
internally consistent, key unproven
```

A bucket stands for all of its objects, and selectors that take a part of them do not answer for it. That the resource is what was
searched for is the author's word, and told as such. A change in a file that is not intact can take an answer away, and gives none that an
intact change took; of changes within one second the one that takes away counts; and an organization's trail is watched in the account
that owns it. What digests of another trail cover counts only where that trail is shown to have recorded all management events.

Three things no check can close. The note is not signed: whoever can write to the copy can write one that leaves out a region, or that
speaks of selectors a trail never had, and is caught only as far as intact events contradict it. A service that was left out of the
selectors by name, and of which nothing was recorded in the window either, looks like one that nobody used. And the two hours before the
collection are not watched, since what happened in them may not have been delivered.

## Recorded answers

`--record DIR` writes each answer once to `DIR/configuration/<account>/<region>/<service>.<Operation>[.<hash of parameters>].json`, with
what was asked, the outcome and AWS' time, refusals too. Nothing is ever written over. Beside them, `trail-configuration.json` is the
note that `ct.verify` reads: lay it in the folder of the evidence. Recorded answers are not signed by anybody: whoever can write to the
folder can write what they like.

## Permissions

Nothing is changed by any call. This policy is what all checks take, and no more:

```json
"""

MIDDLE = """```

With `--role-arn`, whoever asks also needs `sts:AssumeRole` on those roles. `sts:GetCallerIdentity` takes no permission.

## What was never seen live

None of this was run against AWS. In the tests these are answered by moto over HTTP:
"""

END = """
All other shapes are those of AWS' API references: the tests hold some against botocore's own models of the services, and judge made-up
answers with all of them.

## What it cannot see

- CT-09: EventBridge rules, Lambda functions and SIEMs may do what no alarm does here. Patterns with regular expressions are unknown.
- CT-11: a standard is enabled; whether each of its controls on CloudTrail is, is not asked.
- CT-12: S3 tells whether a bucket belongs to a named account, and never to which. Only the first thousand keys at its top are looked at.
- CT-14: how CloudTrail encrypts digests where the trail has a key is told in two ways by AWS' pages, and was never seen here. A
  bucket that denies AES256 fails where no digest arrives, and is unknown where one has just arrived.
- CT-15: whether people of the bucket's own account can write there by policies of their own is not weighed; neither are access points.
- CT-22: holders of `AdministratorAccess` and `PowerUserAccess` are shown and not counted; permission boundaries, service control
  policies and permission sets of Identity Center are not weighed.
- CT-23: a service control policy counts where it is attached anywhere; whether that is above every account is not asked.
- Policies are weighed one at a time. A condition on a key that is not known here, an unknown operator and an element that there is not
  give unknown, with the statement shown.

## The checks

Before any of them, the regions and the trails are asked for: """


def policy() -> dict[str, Any]:
    """The least that all checks take."""
    actions = sorted({operation.permission for operation in OPERATIONS.values()})
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


def page() -> str:
    """The whole page."""
    seen = "".join(f"`{name}`, " for name in MOTO).removesuffix(", ")
    parts = [HEAD, json.dumps(policy(), indent=2), "\n", MIDDLE, f"{seen}.\n", END, _names(ALWAYS), ".\n"]
    return "".join(parts) + "".join(_told(one) for one in CHECKS)


def _names(calls: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in calls)


def _told(one: Check) -> str:
    asked = _names(one.calls) if one.calls else "nothing more" if one.per_trail else "the evidence"
    lines = [
        f"\n### {one.name}: {one.practice}\n",
        f"- Of each {'trail' if one.per_trail else 'account'}; {'recommended by AWS' if one.recommended else 'our own'}",
        f"- Asks: {asked}",
        f"- Why it matters: {one.why}",
        f"- Remedy: {one.remedy}",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PLACE.write_text(page())
