"""The exercise about a stolen role of an instance: one session in two places, and what was cleaned up."""

from exercises import Asked, Definition

from cttoolkit.window import Window

HOUR = Window.of("2026-04-14T13:00Z", "2026-04-14T14:00Z")
RUN = ("instances_run_ap-southeast-2", "instances_run_eu-north-1", "instances_run_sa-east-1")

EXERCISE = Definition(
    name="stolen-instance-role",
    title="instances nobody ordered",
    story="""On Tuesday 14 April 2026 the cost alarm of Acme's account rings at three in the afternoon (UTC): instances run in a region that nobody
there uses. The engineer on call terminates what she finds. The web servers run with a role `web-prod`, and a page of one of them fetches
addresses that visitors may choose. Acme's own addresses are in 192.0.2.0/24; one web server moved to a new one there that morning.
Who ran the instances, with what, where else, and is all of it gone?""",
    questions=(
        Asked(
            level=3,
            title="One session in two places",
            asks="Which temporary access key (ASIA…) of `web-prod` was used from two addresses by turns?",
            kind="access key",
            many=False,
            answer=lambda s: [s.truth["stolen_key"]],
            solution="""overlap = next(iter(ct.pivot.overlaps(events)))
answer = overlap["credential"].removeprefix("tmp:")""",
            hints=(
                "The credentials of an instance belong to that instance.",
                "`ct.pivot.overlaps(events)` looks for credentials that are used in two networks by turns.",
                "A session of role/web-prod, named after its instance; key and addresses are in `accessKeyId` and `sourceIPAddress`.",
            ),
            explanation="The instance went on using it from its own address, all the while. A server that moves leaves its old address.",
        ),
        Asked(
            level=1,
            title="From where?",
            asks="From which address outside of Acme was it used?",
            kind="address",
            many=False,
            answer=lambda s: s.truth["foreign_addresses"],
            solution="""theirs = events.with_key(answer).where(lambda e: ~e.source_ip_address.startswith("192.0.2."))
answer = theirs""",
            hints=(
                "Look at the events made with that key.",
                "`events.with_key(…)`, and `ct.pivot.addresses(…)` of these.",
                "One of its two addresses is in 192.0.2.0/24.",
            ),
            explanation="203.0.113.140.",
        ),
        Asked(
            level=1,
            title="Since when?",
            asks="When was it first used from there?",
            kind="time",
            many=False,
            answer=lambda s: s.time("first_foreign_use"),
            solution="answer = theirs.window.start",
            hints=(
                "The first of those events.",
                "`.window.start` of the events of q2.",
                "A GetCallerIdentity of STS.",
            ),
            explanation="13:18:05, an hour and a quarter after EC2 had issued the credentials to the instance.",
        ),
        Asked(
            level=2,
            title="An error that says yes",
            asks="Which error code told the thief that the role may run instances?",
            kind="error code",
            many=False,
            answer=lambda s: s.told(s.claims("dry_run"), "errorCode"),
            solution='answer = theirs.named("RunInstances").where(lambda e: e.error_code.contains("DryRun"))',
            hints=(
                "Not every error is a refusal.",
                '`ct.pivot.errors(theirs.named("RunInstances"))`.',
                "A request with DryRun set fails by design: with one error where it would have been allowed, with another where not.",
            ),
            explanation="Client.DryRunOperation: the request would have succeeded. Client.VcpuLimitExceeded, which followed, is no refusal either: the role "
            "might, the account's limits would not.",
        ),
        Asked(
            level=2,
            title="Where did they run?",
            asks="In which regions were instances run?",
            kind="region",
            answer=lambda s: s.told(s.claims(*RUN), "awsRegion"),
            solution="""ran = theirs.named("RunInstances").succeeded()
answer = ran""",
            hints=(
                "To ask for instances is not to get them.",
                "RunInstances that succeeded, by region.",
                "`errorCode` is absent where a call succeeded.",
            ),
            explanation="In three, eight minutes apart, by the same steps: a key pair, a security group, a try with GPUs, then six large ones.",
        ),
        Asked(
            level=3,
            title="Is all of it gone?",
            asks="In which of these regions does no event show that the instances were terminated?",
            kind="region",
            answer=lambda s: s.truth["still_protected"],
            solution="""ended = events.named("TerminateInstances").succeeded()
answer = set(ct.pivot.regions(ran).values) - set(ct.pivot.regions(ended).values)""",
            hints=(
                "Look at what the engineer did, region by region, and what came of it.",
                "TerminateInstances that succeeded, by region, against those of q5.",
                "She was refused with Client.OperationNotPermitted first: the thief had protected each instance.",
            ),
            explanation="São Paulo: refused, since they were protected, and not tried again. Whether they still run is not known; that they were not terminated "
            "by a recorded call is.",
        ),
        Asked(
            level=4,
            title="They ran",
            asks="State as a finding that the stolen credentials ran instances, citing the calls that succeeded in it and no others.",
            kind="claim",
            many=False,
            answer=lambda s: {"word": "internally consistent, key unproven", "events": s.claims(*RUN)},
            solution='answer = ct.finding("The stolen credentials ran instances in three regions.", cites=ran)',
            hints=(
                "You have these events already.",
                '`ct.finding("…", cites=…)`.',
                "Three events: neither the dry run nor what met the limits.",
            ),
            explanation="Three events, eighteen instances.",
        ),
        Asked(
            level=4,
            title="Another thief?",
            asks="Which other credentials of Acme's servers were used from outside of 192.0.2.0/24? Give their access keys.",
            kind="access key",
            answer=lambda s: [],
            solution="""servers = events.where(lambda e: e.role.endswith("role/web-prod") & ~e.source_ip_address.endswith("amazonaws.com"))
answer = servers.where(lambda e: ~e.source_ip_address.startswith("192.0.2.") & (e.source_ip_address != "203.0.113.140"))""",
            hints=(
                "One server has a new address since nine. Whose is it?",
                "Narrow to the role, then to addresses outside of Acme's, without the thief's.",
                "If nothing is left, nothing is the answer.",
            ),
            explanation="None. The server with the new address moved within the company's own network, with agent and rhythm unchanged. To call it stolen "
            "would be an over-claim.",
        ),
        Asked(
            level=4,
            title="No other way in",
            asks="State as an absence that nobody made a user or a key (CreateUser, CreateAccessKey) from 13:00 to 14:00 on 14 April 2026, UTC.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("CreateUser", "CreateAccessKey"),
                "window": HOUR,
            },
            solution="""hour = ct.Window.of("2026-04-14T13:00Z", "2026-04-14T14:00Z")
answer = ct.absence("Nobody made a user or a key.", events.named("CreateUser", "CreateAccessKey"), window=hour)""",
            hints=(
                "The thief's hour, and all callers.",
                '`ct.absence("…", events.named(…), window=ct.Window.of(…))`.',
                '`ct.Window.of("2026-04-14T13:00Z", "2026-04-14T14:00Z")`.',
            ),
            explanation="Every region of the trail is covered. The role was not allowed to look at users, and nobody else made any.",
        ),
    ),
)
