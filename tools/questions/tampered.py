"""The exercise about evidence that was harmed: what may still be claimed."""

from exercises import Asked, Definition

from cttoolkit.window import Window

NIGHT = Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")
AFTER = Window.of("2026-03-01T05:00Z", "2026-03-01T06:00Z")


def _harmed(s, *harms):
    return [key for harm in s.truth["tampering"] if harm["harm"] in harms for key in harm["keys"]]


EXERCISE = Definition(
    name="tampered",
    title="somebody was at the evidence",
    story="""The case of the leaked key once more: alice's access key was used in the night to 1 March 2026.
But before the bucket was copied, somebody who could write to it was there: files were edited, deleted, planted, swapped.
Alice works from the office, 192.0.2.10. Not everything that looks odd is harm.
What was harmed, and what may still be said of that night?""",
    questions=(
        Asked(
            level=5,
            title="Altered",
            asks="Which log files are altered? Give their object keys.",
            kind="object key",
            answer=lambda s: _harmed(s, "log edited", "swapped"),
            solution="""logs = verification.frame("altered")
answer = logs[logs.kind == "log"].key""",
            hints=(
                "The verification has a verdict on each object.",
                '`verification.frame("altered")`, and mind the kind: log files are asked for, not digests.',
                "Two of them were swapped, and one was edited.",
            ),
            explanation="Three: one edited, two swapped. Swapped files are whole in themselves, and each is not what a digest says lies there.",
        ),
        Asked(
            level=5,
            title="Gone",
            asks="Which objects are missing, though an intact digest names them? Give their keys.",
            kind="object key",
            answer=lambda s: _harmed(s, "deleted"),
            solution='answer = verification.frame("missing").key',
            hints=(
                "A digest lists log files, and names the digest before it.",
                '`verification.frame("missing")`.',
                "A log file and a digest.",
            ),
            explanation="A log file and a digest. Each is named by an intact digest that came later; without that nobody would miss them.",
        ),
        Asked(
            level=5,
            title="Planted",
            asks="Which log file was planted?",
            kind="object key",
            many=False,
            answer=lambda s: _harmed(s, "log planted"),
            solution='answer = verification.frame("unlisted").key',
            hints=(
                "It lies where log files lie, and no digest knows it.",
                '`verification.frame("unlisted")`.',
                "Its delivery time is covered by verified digests, none of which lists it.",
            ),
            explanation="One file in which a colleague's address uses the key first. Whoever admits it accuses the wrong person.",
        ),
        Asked(
            level=5,
            title="Cut off",
            asks="In which region were the newest digests removed?",
            kind="region",
            many=False,
            answer=lambda s: [_harmed(s, "newest digests removed")[0].split("/")[3]],
            solution="""coverage = verification.coverage.frame()
answer = coverage[coverage.state == "after last"].region""",
            hints=(
                "A chain without its end is a shorter chain, and looks whole.",
                "`verification.coverage.frame()` has a row for each stretch, with its state.",
                "Log files lie there that are later than the last digest: the state is `after last`.",
            ),
            explanation="Sydney. The chain is valid as far as it goes; that it should go further shows in log files that no digest vouches for.",
        ),
        Asked(
            level=5,
            title="Who was first?",
            asks="From which address was alice's key first used that night, by the events that may be admitted as intact?",
            kind="address",
            many=False,
            answer=lambda s: s.told(s.claims("first_foreign_use"), "sourceIPAddress"),
            solution='answer = events.by("user/alice").during(ct.Window.of("2026-03-01T00:00Z", "2026-03-01T04:00Z")).frame("source_ip_address", limit=1).source_ip_address',
            hints=(
                "Which files did `IntactOnly` leave out?",
                "Her first event of that night among the admitted ones.",
                "The planted file says something else, and is no evidence.",
            ),
            explanation="203.0.113.7. The planted file names another; it was never admitted, and no claim can cite it.",
        ),
        Asked(
            level=5,
            title="The second key",
            asks="Which admitted events show that alice's key made another key (CreateAccessKey) that night?",
            kind="event",
            answer=lambda s: [],
            solution="""night = ct.Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")
answer = events.by("user/alice").during(night).named("CreateAccessKey")""",
            hints=(
                "That it happened in another copy of the case is no evidence in this one.",
                "Narrow by actor, night and name.",
                "If none is left, none is the answer. `verification.quarantine()` may be looked at, and not cited.",
            ),
            explanation="None: the file that held them was edited. What an altered file still says may be true, and nobody vouches for it.",
        ),
        Asked(
            level=5,
            title="Was none made?",
            asks="State as an absence that the user alice made no key (CreateAccessKey) from 02:00 to 04:00 on 1 March 2026, UTC.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "contradicted",
                "names": ("CreateAccessKey",),
                "window": NIGHT,
                "narrowed": ["by arn:aws:iam::111122223333:user/alice"],
            },
            solution='answer = ct.absence("She made no key.", events.by("user/alice").named("CreateAccessKey"), window=night)',
            hints=(
                "No event shows it. May one say, then, that it did not happen?",
                '`ct.absence("…", events.by(…).named(…), window=…)`, and look at its standing.',
                "A listed log file of that time is altered, and another is missing.",
            ),
            explanation="*Contradicted*: files that touch the night are altered or missing. The silence is somebody's work, and says nothing.",
        ),
        Asked(
            level=5,
            title="An hour that stands",
            asks="State as an absence that nobody stopped or deleted the trail (StopLogging, DeleteTrail) from 05:00 to 06:00 that morning.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("StopLogging", "DeleteTrail"),
                "window": AFTER,
            },
            solution="""hour = ct.Window.of("2026-03-01T05:00Z", "2026-03-01T06:00Z")
answer = ct.absence("Nobody stopped the trail.", events.named("StopLogging", "DeleteTrail"), window=hour)""",
            hints=(
                "Harm to one stretch is not harm to all.",
                "The same verb as before, for another window and for everybody.",
                '`ct.Window.of("2026-03-01T05:00Z", "2026-03-01T06:00Z")`.',
            ),
            explanation="That hour is covered on every chain, and no harmed file touches it: it stands as it would have without the harm.",
        ),
        Asked(
            level=5,
            title="What is left of the theft",
            asks="How many reads of objects (GetObject) by `svc-backup-sync` may still be cited?",
            kind="count",
            many=False,
            answer=lambda s: len(s.claims("objects_read")) - len(s.truth["gone"]["objects_read"]),
            solution='answer = len(events.by("user/svc-backup-sync").named("GetObject"))',
            hints=(
                "Some were in the file that was deleted.",
                "Narrow the admitted events by actor and name.",
                "GetObject by user/svc-backup-sync.",
            ),
            explanation="112. At least so many, the report says, and which file is missing: not 140, which is known from elsewhere.",
        ),
    ),
)
