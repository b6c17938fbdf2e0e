"""The exercise about root in an evening: planned against unplanned use, what survives, and who it was."""

from exercises import Asked, Definition

from cttoolkit.window import Window

EVENING = Window.of("2026-05-20T18:30Z", "2026-05-20T20:00Z")

EXERCISE = Definition(
    name="insider-root",
    title="root in the evening",
    story="""On Wednesday 20 May 2026 AWS writes to Acme's security desk: the account's contact was changed. Root is used there for two things
a year, with the device from the safe, by two people, from the office (192.0.2.10); one of these was that very morning.
What did root do that evening, what is still there, and who was it?""",
    questions=(
        Asked(
            level=1,
            title="From where?",
            asks="From which address did root sign in that evening?",
            kind="address",
            many=False,
            answer=lambda s: [s.truth["line"]],
            solution="""root = events.by("root")
evening = root.between("2026-05-20T18:00Z", "2026-05-20T21:00Z")
answer = evening""",
            hints=(
                "Root is an actor like any other.",
                '`events.by("root")`, and `ct.pivot.addresses(…)` of these.',
                "`sourceIPAddress` of the ConsoleLogin after 18:00.",
            ),
            explanation="198.51.100.64, and not the office. The morning's sign-in came from the office, with the device from the safe.",
        ),
        Asked(
            level=2,
            title="The tries before",
            asks="Which events are sign-ins of root that did not succeed?",
            kind="event",
            answer=lambda s: s.claims("guesses"),
            solution='answer = root.named("ConsoleLogin").where(ct.param("responseElements.ConsoleLogin") == "Failure")',
            hints=(
                "A sign-in that fails is recorded as the same event as one that succeeds.",
                '`ct.param("responseElements.ConsoleLogin")` makes a condition on the outcome.',
                '`responseElements` is `{"ConsoleLogin": "Failure"}`.',
            ),
            explanation="Two. Their outcome stands in responseElements, and root's have no errorCode here: who counts errors alone misses them.",
        ),
        Asked(
            level=2,
            title="In",
            asks="When did root sign in that evening?",
            kind="time",
            many=False,
            answer=lambda s: s.time("signed_in"),
            solution='answer = evening.named("ConsoleLogin").where(ct.param("responseElements.ConsoleLogin") == "Success")',
            hints=(
                "Between the tries and the sign-in, something was asked for and set.",
                "ConsoleLogin of root, with the other outcome, after 18:00.",
                '`{"ConsoleLogin": "Success"}`: give the one event, or its time.',
            ),
            explanation="18:49:02, after a password recovery that took four minutes: whoever did it could read the mailbox of the account.",
        ),
        Asked(
            level=2,
            title="Keys",
            asks="Which long-lived access keys (AKIA…) did root make that evening?",
            kind="access key",
            answer=lambda s: list(s.truth["keys_made"].values()),
            solution='answer = [made.name for made in ct.session.reach(events, "root").created if made.kind == "access key"]',
            hints=(
                "One for root itself, and one for somebody else.",
                '`ct.session.reach(events, "root").created` names what was made.',
                "CreateAccessKey; the id stands in `responseElements.accessKey.accessKeyId`.",
            ),
            explanation="A key for root, deleted half an hour later, and a key for it-support, which stays.",
        ),
        Asked(
            level=3,
            title="What survived",
            asks="Which access key was used after root had fallen silent, for the first time?",
            kind="access key",
            many=False,
            answer=lambda s: [s.truth["keys_made"]["it-support"]],
            solution="""after = events.from_address("198.51.100.64").between(evening.window.end, events.window.end)
answer = after.with_key(*answer)""",
            hints=(
                "Look at the same address after root's last event.",
                "`.between(evening.window.end, events.window.end)` is what came after.",
                "`accessKeyId` begins with AKIA, and is one of q4.",
            ),
            explanation="The key of the user it-support, at 19:51. Deleting root's key was tidying up; the way back had been made before.",
        ),
        Asked(
            level=2,
            title="To whom?",
            asks="With which account was a snapshot shared?",
            kind="account",
            many=False,
            answer=lambda s: [s.truth["foreign_account"]],
            solution="""shared = evening.named("ModifySnapshotAttribute")
answer = shared.frame("request_parameters").request_parameters.str.extract(r'"userId": ?"(\\d{12})"')[0]""",
            hints=(
                "Sharing a snapshot is a change of one of its attributes.",
                "ModifySnapshotAttribute; `events.original(event_id)` shows the whole record.",
                "`requestParameters.createVolumePermission.add.items[].userId`.",
            ),
            explanation="123456789012, which is none of the company's. It may copy the snapshot from then on, without a word in this trail.",
        ),
        Asked(
            level=4,
            title="Shared",
            asks="State as a finding that root shared the snapshot, citing the call that did.",
            kind="claim",
            many=False,
            answer=lambda s: {"word": "internally consistent, key unproven", "events": s.claims("snapshot_shared")},
            solution='answer = ct.finding("Root shared a snapshot with another account.", cites=shared, attributed_to="root")',
            hints=(
                "One event is enough.",
                '`ct.finding("…", cites=…)`.',
                "Cite the ModifySnapshotAttribute of q6, and not the making of the snapshot.",
            ),
            explanation="One event, by root, whoever that was.",
        ),
        Asked(
            level=4,
            title="Who was root?",
            asks="Which people does the evidence show to have been root that evening? Oskar, an administrator, was on the same line before and after.",
            kind="actor",
            answer=lambda s: [],
            solution='answer = events.by("oskar@example.com").with_key(*ct.pivot.access_keys(evening).values)',
            hints=(
                "What ties a person to a credential, and what ties only a line to a line?",
                "Ask whether a named person used one of root's credentials.",
                "If none did, nobody is the answer: `[]`.",
            ),
            explanation="Nobody. Two people on one line are two people on one line: an address is nobody. The question goes to the mailbox and to the door.",
        ),
        Asked(
            level=4,
            title="Is the trail whole?",
            asks="State as an absence that nobody stopped or deleted the trail (StopLogging, DeleteTrail) from 18:30 to 20:00 on 20 May 2026, UTC.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("StopLogging", "DeleteTrail"),
                "window": EVENING,
            },
            solution="""asked = ct.Window.of("2026-05-20T18:30Z", "2026-05-20T20:00Z")
answer = ct.absence("Nobody stopped the trail.", events.named("StopLogging", "DeleteTrail"), window=asked)""",
            hints=(
                "Root may do anything, this too.",
                '`ct.absence("…", events.named(…), window=…)`, of all events and not only of root\'s.',
                '`ct.Window.of("2026-05-20T18:30Z", "2026-05-20T20:00Z")`.',
            ),
            explanation="It was not. Root looked at the trail (DescribeTrails) and let it be.",
        ),
    ),
)
