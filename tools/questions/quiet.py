"""The exercise about a day on which nothing happened: the restraint to claim nothing."""

from exercises import Asked, Definition

from cttoolkit.window import Window

DAY = Window.of("2026-09-10T00:05Z", "2026-09-10T22:30Z")

EXERCISE = Definition(
    name="quiet",
    title="six alarms",
    story="""On Thursday 10 September 2026 Acme's new detections ring for the first time: root signed in, a key was made for another user, a password
was set, somebody was refused one call after the other, everything was listed within a minute, and an engineer was in the console at night.
The calendar knows of a yearly check of contacts, of a key of `svc-invoice` that was to be rotated, and of a new line for the invoice host.
Acme's addresses are in 192.0.2.0/24, its runners' in 198.51.100.0/24. Did something happen, and how far may one say so?
Each question may have an answer, or none: where there is nothing, say so with `answer = []`.""",
    questions=(
        Asked(
            level=1,
            title="Root",
            asks="Did root sign in with a second factor?",
            kind="yes or no",
            many=False,
            answer=lambda s: [
                "yes" if s.told(s.herring("planned_root")[:1], "additionalEventData", "MFAUsed") == ["Yes"] else "no"
            ],
            solution='answer = bool(events.by("root").named("ConsoleLogin").where(ct.param("additionalEventData.MFAUsed") == "Yes"))',
            hints=(
                "Look at the sign-in of root.",
                "`events.original(event_id)` of the ConsoleLogin shows the record whole.",
                "`additionalEventData.MFAUsed`.",
            ),
            explanation="Yes, from the office, and it read contacts: what the calendar says.",
        ),
        Asked(
            level=2,
            title="Root's deeds",
            asks="Which events show root changing anything, apart from signing in?",
            kind="event",
            answer=lambda s: [],
            solution='answer = events.by("root").where(read_only=False).where(lambda e: e.event_name != "ConsoleLogin")',
            hints=(
                "Look at all that root did.",
                "`.where(read_only=False)` narrows to calls that change something.",
                "If only the sign-in is left, nothing is the answer.",
            ),
            explanation="None. Root read two contacts.",
        ),
        Asked(
            level=2,
            title="The invoice host",
            asks="From which addresses did `svc-invoice` call that day?",
            kind="address",
            answer=lambda s: ["192.0.2.61", *s.told(s.herring("moved_house"), "sourceIPAddress")],
            solution='answer = events.by("user/svc-invoice")',
            hints=(
                "Look at that user's events.",
                '`ct.pivot.addresses(events.by("user/svc-invoice"))`.',
                "One until 13:22, another from 14:22 on.",
            ),
            explanation="From one, then from the other, never by turns, with the same agent at the same minute of each hour: a host that moved.",
        ),
        Asked(
            level=3,
            title="The new key",
            asks="Which actors used the key that was made for `svc-invoice` that day?",
            kind="actor",
            answer=lambda s: [s.actor("arn:aws:iam::111122223333:user/svc-invoice")],
            solution="""key = ct.session.reach(events, "anna@example.com").created[0].name
answer = events.with_key(key)""",
            hints=(
                "Anna made it. Whose is it, and who used it?",
                "Take the id from CreateAccessKey, and narrow with `.with_key(…)`.",
                "`responseElements.accessKey.accessKeyId`.",
            ),
            explanation="Only svc-invoice itself, from its own host, a quarter of an hour later; then the old key was deleted. A rotation, in the right order.",
        ),
        Asked(
            level=3,
            title="Somebody refused",
            asks="At 15:22 `farid@example.com` was refused one call after the other. Which of these calls did he get through with from then on? Give event names.",
            kind="event name",
            answer=lambda s: [],
            solution="""refused = events.by("farid@example.com").denied().between("2026-09-10T15:22Z", "2026-09-10T15:23Z")
later = events.by("farid@example.com").between("2026-09-10T15:22Z", "2026-09-11T00:00Z").succeeded()
answer = later.named(*ct.pivot.names(refused).values)""",
            hints=(
                "Somebody who tries doors goes on with those that open.",
                "Narrow to his refused calls of that minute, then to what succeeded after it with these names.",
                "If none did, none is the answer.",
            ),
            explanation="None. The console asks for all that a page shows; who may not see it is refused six times by opening one page.",
        ),
        Asked(
            level=4,
            title="Left behind",
            asks="State as an absence that nobody made a user or gave one rights (CreateUser, AttachUserPolicy, PutUserPolicy) from 00:05 to 22:30 that day, UTC.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("CreateUser", "AttachUserPolicy", "PutUserPolicy"),
                "window": DAY,
            },
            solution="""day = ct.Window.of("2026-09-10T00:05Z", "2026-09-10T22:30Z")
answer = ct.absence("Nobody made a user.", events.named("CreateUser", "AttachUserPolicy", "PutUserPolicy"), window=day)""",
            hints=(
                "A silence is a claim too.",
                '`ct.absence("…", events.named(…), window=ct.Window.of(…))`.',
                "Three names, and the window of the question to the minute.",
            ),
            explanation="The day is covered, and the silence counts as far as the keys do. *Proved* would be an over-claim while the public keys come from the evidence.",
        ),
        Asked(
            level=4,
            title="Other buckets",
            asks="Which word may be used of the claim that nobody read objects (GetObject, data events) of other buckets than `acme-claims-archive` from 00:05 to 20:00?",
            kind="word",
            many=False,
            answer=lambda s: ["not observed"],
            solution="""others = events.named("GetObject").where(ct.param("requestParameters.bucketName") != "acme-claims-archive")
asked = ct.Window.of("2026-09-10T00:05Z", "2026-09-10T20:00Z")
answer = ct.absence("Nobody read them.", others, window=asked, category="Data")""",
            hints=(
                "Would such a read have been recorded?",
                'Make it an absence with `category="Data"`, and see its standing.',
                "Which buckets' data events were selected is not known here: covered, and yet not decided.",
            ),
            explanation="*Not observed*: data events of other buckets may never have been recorded. It is less than the silence of q6, and more than nothing.",
        ),
        Asked(
            level=4,
            title="The attack",
            asks="Which events show an attack?",
            kind="event",
            answer=lambda s: [],
            solution="""seen = ct.detect(events, ["trail-tampering", "exfiltration", "destruction"])
answer = [event for finding in seen.findings("low") for event in finding.event_ids]""",
            hints=(
                "Six alarms are six questions. Each was answered above, or by the calendar.",
                "Ask `ct.detect(events)`, and hold each sighting against what you know.",
                "It is allowed to find nothing.",
            ),
            explanation="None. A detection is a question; that it rang is no answer.",
        ),
        Asked(
            level=4,
            title="The suspect",
            asks="Who is the suspect? Give actors.",
            kind="actor",
            answer=lambda s: [],
            solution="""outside = events.where(lambda e: ~e.source_ip_address.startswith("192.0.2.") & ~e.source_ip_address.startswith("198.51.100."))
answer = outside.where(user_identity_type="IAMUser")""",
            hints=(
                "Whom does an event accuse?",
                "Ask who called with a user's credentials from outside of Acme's addresses.",
                "Nobody is an answer.",
            ),
            explanation="Nobody. That each was who they say is not in evidence either: ask them, and keep the answers with the case.",
        ),
    ),
)
