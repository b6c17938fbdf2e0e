"""The exercise about objects held to ransom: a gap in the trail, and what it does to silences."""

from exercises import Asked, Definition

from cttoolkit.window import Window

GAP = Window.of("2026-06-09T03:00Z", "2026-06-09T06:00Z")
MORNING = Window.of("2026-06-09T07:00Z", "2026-06-09T12:00Z")

EXERCISE = Definition(
    name="ransom",
    title="the note in the archive",
    story="""On Tuesday 9 June 2026, before six in the morning (UTC), an engineer on call is woken: Acme's trail is not logging. She starts it.
Soon after, a note is found in the bucket `acme-claims-archive`, and claims that cannot be opened.
The user `svc-backup` belongs to the backup host, 192.0.2.61. Data events are recorded for that bucket only;
there is another, `acme-hr-documents`. The trail had been set up the night before.
What was done, by whose key, and what may be said of the hours in which nothing was recorded?""",
    questions=(
        Asked(
            level=1,
            title="From where?",
            asks="From which address was the key of `svc-backup` used that is not the backup host's?",
            kind="address",
            many=False,
            answer=lambda s: s.truth["foreign_addresses"],
            solution="""foreign = events.by("user/svc-backup").where(lambda e: e.source_ip_address != "192.0.2.61")
answer = foreign""",
            hints=(
                "Look at all events of that user.",
                '`ct.pivot.addresses(events.by("user/svc-backup"))` has a row for each address.',
                "`sourceIPAddress` takes two values; one is in the story.",
            ),
            explanation="203.0.113.91. The host went on with its own calls from 192.0.2.61 until the trail was stopped: one key in two places.",
        ),
        Asked(
            level=2,
            title="Who silenced the trail?",
            asks="Which event stopped the trail?",
            kind="event",
            many=False,
            answer=lambda s: s.claims("trail_stopped"),
            solution='answer = foreign.named("StopLogging")',
            hints=(
                "Whoever stops a trail is still recorded doing so.",
                "Narrow by the event name; give the Events, or the event_id.",
                "The name is StopLogging, of cloudtrail.amazonaws.com.",
            ),
            explanation="StopLogging at 02:37:12, from the foreign address and with the same key: the last thing the trail recorded of the thief for hours.",
        ),
        Asked(
            level=2,
            title="Who started it again?",
            asks="Which actor started the trail after it had been stopped?",
            kind="actor",
            many=False,
            answer=lambda s: [
                [*s.actor("nina@example.com"), *s.actor(s.told(s.herring("trail_started"), "userIdentity", "arn")[0])]
            ],
            solution="""stopped = foreign.named("StopLogging").window
answer = events.named("StartLogging").between(stopped.end, events.window.end)""",
            hints=(
                "The trail was started twice that day. Mind the order.",
                "Narrow by name, and by time with `.between(start, end)`.",
                "StartLogging just after midnight is the pipeline that set the trail up. The other one is asked for.",
            ),
            explanation="Nina, on call, at 06:01:08. The pipeline's StartLogging at midnight was how the trail came to be.",
        ),
        Asked(
            level=2,
            title="How much is recorded?",
            asks="How many copies of objects onto themselves by `svc-backup` from the foreign address are recorded, all day?",
            kind="count",
            many=False,
            answer=lambda s: len(s.claims("objects_encrypted", "objects_encrypted_later")),
            solution='answer = len(foreign.named("CopyObject").succeeded())',
            hints=(
                "Copies of objects are data events of the archive.",
                "Narrow by name and count: `len(…)`.",
                "CopyObject, with `x-amz-server-side-encryption-customer-algorithm` among its request parameters.",
            ),
            explanation="97: 47 before the trail was stopped, 50 after it was started. The customer's key was sent along with each (SSE-C), and AWS does not "
            "keep it. 97 is what was recorded, and not what was encrypted.",
        ),
        Asked(
            level=3,
            title="No way back",
            asks="Which two calls changed the bucket's settings so that former versions would not help, and what is left would go? Give event names.",
            kind="event name",
            answer=lambda s: s.told(s.claims("versioning_suspended", "expiry_set"), "eventName"),
            solution="""changes = foreign.succeeded().where(read_only=False, event_category="Management").to_service("s3")
answer = changes""",
            hints=(
                "Settings of a bucket are management events of S3, and these changed something.",
                '`.where(read_only=False, event_category="Management")` leaves the writes that are not on objects.',
                "Both names begin with PutBucket.",
            ),
            explanation="PutBucketVersioning suspended the keeping of versions before the encryption; PutBucketLifecycle set an expiry of seven days after it.",
        ),
        Asked(
            level=5,
            title="In the dark: users and keys",
            asks="Did nobody make a user or a key (CreateUser, CreateAccessKey) from 03:00 to 06:00 on 9 June 2026, UTC? State it as an absence.",
            kind="claim",
            many=False,
            answer=lambda s: {"word": "unproven", "names": ("CreateUser", "CreateAccessKey"), "window": GAP},
            solution="""dark = ct.Window.of("2026-06-09T03:00Z", "2026-06-09T06:00Z")
answer = ct.absence("Nobody made a user or a key.", events.named("CreateUser", "CreateAccessKey"), window=dark)""",
            hints=(
                "Look at `verification.coverage` first.",
                '`ct.absence("…", events.named(…), window=ct.Window.of(start, end))` derives what it is worth.',
                "No digest vouches for those hours. Give the absence as it is; do not raise it.",
            ),
            explanation="*Unproven*: no chain covers those hours. There is no such event, and nobody would have recorded one.",
        ),
        Asked(
            level=5,
            title="And in the light",
            asks="The same from 07:00 to 12:00 of that morning.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("CreateUser", "CreateAccessKey"),
                "window": MORNING,
            },
            solution="""light = ct.Window.of("2026-06-09T07:00Z", "2026-06-09T12:00Z")
answer = ct.absence("Nobody made a user or a key.", events.named("CreateUser", "CreateAccessKey"), window=light)""",
            hints=(
                "The same sentence, about another time, may be worth more.",
                "Only the window differs from the question before.",
                '`window=ct.Window.of("2026-06-09T07:00Z", "2026-06-09T12:00Z")`.',
            ),
            explanation="Covered by verified digests on both chains, so the silence counts, as far as the keys can be trusted.",
        ),
        Asked(
            level=4,
            title="How many in the gap?",
            asks="Which events show that objects were encrypted from 03:00 to 06:00?",
            kind="event",
            answer=lambda s: [],
            solution='answer = events.during(dark).named("CopyObject")',
            hints=(
                "Say what events show, and not what is likely.",
                "Narrow the events by the window and by CopyObject, and look at their number.",
                "If nothing is there, nothing is the answer: give the empty Events, or `[]`.",
            ),
            explanation="None. It is likely that the copying went on, and it is not in evidence: the report says *not known*, and names the hours.",
        ),
        Asked(
            level=5,
            title="The other bucket",
            asks="Which word may be used of the claim that nobody read objects of `acme-hr-documents` (GetObject) from 01:50 to 02:37?",
            kind="word",
            many=False,
            answer=lambda s: ["unproven"],
            solution="""other = events.named("GetObject").where(ct.param("requestParameters.bucketName") == "acme-hr-documents")
thief = ct.Window.of("2026-06-09T01:50Z", "2026-06-09T02:37Z")
answer = ct.absence("Nobody read them.", other, window=thief, category="Data")""",
            hints=(
                "Two things stand against it: what was recorded at all, and what came late.",
                'Make it an absence with `category="Data"`, and see its standing. A finding or absence may be given as the answer.',
                "Its window ends before the gap, but log files may be delivered and listed up to two hours late.",
            ),
            explanation="*Unproven*. Files delivered after 03:00 are not covered; and were they, it would be *not observed*, for data events of that "
            "bucket were never selected.",
        ),
    ),
)
