"""The exercise about a key that leaked: following keys and sessions from the first foreign use."""

from exercises import Asked, Definition

from cttoolkit.window import Window

NIGHT = Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")
KEYS = ("CreateUser", "AttachUserPolicy", "CreateAccessKey")

EXERCISE = Definition(
    name="leaked-key",
    title="the key in the repository",
    story="""Acme keeps insurance claims in a bucket. The access key of its user `alice` was pushed to a public repository.
In the night to Sunday 1 March 2026, at two (UTC), somebody used it. Alice herself works from the office, 192.0.2.10, on weekdays.
An engineer on call was up at the same hour. Objects read and written are recorded for `acme-claims-archive` only.
What was done with the key, what came of it, and how far may you say so?""",
    questions=(
        Asked(
            level=1,
            title="From where?",
            asks="From which address did calls come that were signed with alice's own key, and that is not the office's?",
            kind="address",
            many=False,
            answer=lambda s: s.told(s.claims("first_foreign_use"), "sourceIPAddress"),
            solution="""alice = events.by("user/alice")
leaked = alice.named("GetCallerIdentity").frame("access_key_id", limit=1).access_key_id[0]
foreign = events.with_key(leaked).where(lambda e: e.source_ip_address != "192.0.2.10")
answer = foreign""",
            hints=(
                "Look at what the user alice did, over both days.",
                '`events.by("user/alice")` are her events, and `ct.pivot.on(…, "access_key_id", "source_ip_address")` regroups them.',
                "Her user appears with two keys. The one that was also used from the office is her own: its other address is asked for.",
            ),
            explanation="Her own key came from the office and from 203.0.113.7, in the night. The second address of her user, 198.51.100.23, "
            "signed with another key.",
        ),
        Asked(
            level=1,
            title="Since when?",
            asks="When was her key first used from there?",
            kind="time",
            many=False,
            answer=lambda s: s.time("first_foreign_use"),
            solution="answer = foreign.window.start",
            hints=(
                "Stay with the events of the question before.",
                "`.window` of Events runs from the first to the last of them; `.frame()` is in order of time.",
                "It is a GetCallerIdentity: somebody who asks whose key it is.",
            ),
            explanation="The first call is GetCallerIdentity at 02:05:12. It needs no right at all, and tells whose key one has found.",
        ),
        Asked(
            level=2,
            title="What was refused?",
            asks="Which calls from that address were refused for want of permission? Give their event names.",
            kind="event name",
            answer=lambda s: s.told(s.claims("denied"), "eventName"),
            solution="answer = foreign.denied()",
            hints=(
                "A refused call is recorded like any other, with an error code.",
                "`.denied()` narrows to the spellings of refusal that services use; `.failed()` would take other errors too.",
                "`errorCode` is AccessDenied or ends in UnauthorizedOperation. The answer has six names.",
            ),
            explanation="Six different calls within three minutes, none of which was allowed later: somebody who tried doors without "
            "knowing the house.",
        ),
        Asked(
            level=2,
            title="Where did he look?",
            asks="In which regions did the caller look at instances?",
            kind="region",
            answer=lambda s: s.told(
                s.claims("looked_at_us-east-1", "looked_at_eu-west-1", "looked_at_ap-southeast-2"), "awsRegion"
            ),
            solution='answer = foreign.named("DescribeInstances")',
            hints=(
                "A call of EC2 is recorded in the region that it asks.",
                "Narrow to one event name, and look at `ct.pivot.regions(…)`.",
                "The name is DescribeInstances.",
            ),
            explanation="One call in each of the three regions that the trail records, eleven seconds apart: a loop over regions.",
        ),
        Asked(
            level=3,
            title="Which keys came of it?",
            asks="Which long-lived access keys (AKIA…) were made with the leaked one?",
            kind="access key",
            answer=lambda s: list(s.truth["keys_made"].values()),
            solution="""reached = ct.session.reach(events, "user/alice")
answer = [made.name for made in reached.created if made.kind == "access key"]""",
            hints=(
                "A key that is made is named in the answer of the call that makes it.",
                '`ct.session.reach(events, "user/alice")` follows what her credentials opened and made; see its `.created`.',
                "The call is CreateAccessKey; the id stands in `responseElements.accessKey.accessKeyId`.",
            ),
            explanation="One more key for alice, and one for the user svc-backup-sync, which had been made a minute before. Whoever disables "
            "only the leaked key leaves both.",
        ),
        Asked(
            level=3,
            title="Who else was he?",
            asks="Under which actors did the caller act, from the address of q1 and from the other that the new keys came from?",
            kind="actor",
            answer=lambda s: [
                s.actor(arn)
                for arn in s.told(s.claims("first_foreign_use", "role_used", "new_user_used"), "userIdentity", "arn")
            ],
            solution="""addresses = [*ct.pivot.addresses(foreign).values, *ct.pivot.addresses(events.by("user/svc-backup-sync")).values]
answer = events.from_address(*addresses)""",
            hints=(
                "Go from addresses to actors, instead of from actors to addresses.",
                "`events.from_address(…)` takes several; `ct.pivot.actors(…)` tells who called from there.",
                "Besides two users there is a session of a role, whose name one finds as the answer of AssumeRole.",
            ),
            explanation="alice, the new user svc-backup-sync, and a session of the role data-export. One person or several: addresses do not tell.",
        ),
        Asked(
            level=2,
            title="How much was read?",
            asks="How many reads of objects by the new user are recorded?",
            kind="count",
            many=False,
            answer=lambda s: len(s.claims("objects_read")),
            solution='answer = len(events.by("user/svc-backup-sync").named("GetObject"))',
            hints=(
                "Reads of objects are data events, and are recorded here for one bucket.",
                "Narrow by the actor and by the event name.",
                "The name is GetObject; the actor is the user that was made that night.",
            ),
            explanation="140 reads in half an hour. Of other buckets nothing is known: their data events are not recorded.",
        ),
        Asked(
            level=4,
            title="How the door was kept open",
            asks="State as a finding that the leaked key made a user with a key and administrator's rights. Cite the successful calls that "
            "made that user, gave it rights and gave it a key, and no others.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "events": s.claims("user_created", "admin_attached", "key_for_new_user"),
            },
            solution="""made = foreign.succeeded().where(ct.param("requestParameters.userName") == "svc-backup-sync")
answer = ct.finding("The leaked key made an administrator with a key.", cites=made)""",
            hints=(
                "A finding cites Events. Narrow them until nothing else is left.",
                '`ct.param("requestParameters.userName")` makes a condition for `.where(…)` on whom a call was about.',
                "Three events: CreateUser, AttachUserPolicy, CreateAccessKey. Alice's own second key does not belong.",
            ),
            explanation="Three events, *internally consistent, key unproven*: the public keys lay in the evidence, so it agrees with itself and "
            "no more. Get them from AWS, and the word becomes *proved present*.",
        ),
        Asked(
            level=4,
            title="Was the trail stopped?",
            asks="State as an absence that nobody stopped or deleted the trail (StopLogging, DeleteTrail) from 02:00 to 04:00 on 1 March 2026, UTC.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("StopLogging", "DeleteTrail"),
                "window": NIGHT,
            },
            solution="""night = ct.Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")
answer = ct.absence("Nobody stopped the trail.", events.named("StopLogging", "DeleteTrail"), window=night)""",
            hints=(
                "That nothing is there is a claim of its own, and depends on what is covered.",
                '`ct.absence("…", events.named(…), window=ct.Window.of(start, end))`.',
                "Both names in one `.named(…)`, and cite all events, not only alice's.",
            ),
            explanation="Verified digests cover the night in every region, and every listed file is intact. Only the keys keep it from being proved.",
        ),
    ),
)
