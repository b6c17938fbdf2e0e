"""The exercise about three accounts: both halves of an action, and who stood behind a session."""

from exercises import Asked, Definition

from cttoolkit.window import Window

AFTERNOON = Window.of("2026-07-15T16:00Z", "2026-07-15T18:10Z")

EXERCISE = Definition(
    name="role-chain",
    title="the role that nobody remembers",
    story="""On Wednesday 15 July 2026 somebody in Acme's payments account (777788889999) finds a role `support-access` that nobody remembers.
It trusts `lena`, a contractor's user of the development account (111122223333), whose policies allow next to nothing.
Lena works from 192.0.2.44. An inventory goes through all accounts every night, under the session name `inventory`.
One organization trail records all of them; the management account is 123456789012.
How did the role come to be, through which sessions, and what else did these do?""",
    questions=(
        Asked(
            level=1,
            title="From where?",
            asks="From which address was lena's key used that is not the contractor's?",
            kind="address",
            many=False,
            answer=lambda s: s.truth["foreign_addresses"],
            solution="""lena = events.by("user/lena")
foreign = lena.where(lambda e: e.source_ip_address != "192.0.2.44")
answer = foreign""",
            hints=(
                "Look at all that lena's user did.",
                '`ct.pivot.addresses(events.by("user/lena"))`.',
                "It begins at 16:02, with GetCallerIdentity.",
            ),
            explanation="203.0.113.18.",
        ),
        Asked(
            level=2,
            title="Next to nothing",
            asks="Which calls was her key refused from there? Give event names.",
            kind="event name",
            answer=lambda s: s.told(s.claims("denied"), "eventName"),
            solution="answer = foreign.denied()",
            hints=(
                "Refusals have an error code, and services spell it differently.",
                "`.denied()` knows the spellings.",
                "AccessDenied, and EC2's Client.UnauthorizedOperation. Six names.",
            ),
            explanation="Six. What it might do was to assume one role, and that was enough.",
        ),
        Asked(
            level=3,
            title="The roles",
            asks="Which roles were reached from lena's user by sessions, directly or through one another?",
            kind="actor",
            answer=lambda s: [
                s.actor(role)
                for role in s.told(
                    s.claims("first_role", "second_role", "third_role", "way_back_used"), "requestParameters", "roleArn"
                )
            ],
            solution="""reached = ct.session.reach(events, "user/lena")
answer = reached.roles""",
            hints=(
                "A session of one role may assume the next.",
                '`ct.session.reach(events, "user/lena")` follows the keys that AssumeRole answers with.',
                "`responseElements.credentials.accessKeyId` of one AssumeRole is `userIdentity.accessKeyId` of what that session did. Four roles.",
            ),
            explanation="ci-runner, org-inventory, OrganizationAccountAccessRole, and later support-access: four roles in three accounts.",
        ),
        Asked(
            level=3,
            title="The chain",
            asks="Which access keys, from lena's own on, lie on the way to the session of `OrganizationAccountAccessRole` that read the secrets? "
            "Give them all, the first and the last included.",
            kind="access key",
            answer=lambda s: s.truth["chain"],
            solution="""last = events.named("GetSecretValue").from_address("203.0.113.18").frame("access_key_id").access_key_id[0]
(path,) = ct.session.chains(events).paths(f"tmp:{last}")
answer = {end.partition(":")[2] for edge in path.edges for end in (edge.parent, edge.child)}""",
            hints=(
                "Begin at the end: which key read the secrets?",
                '`ct.session.chains(events).paths("tmp:ASIA…")` goes up from a temporary key.',
                "Each AssumeRole was signed with one key, and answers with the next: four keys in all.",
            ),
            explanation="One AKIA and three ASIA keys. All joins are exact, by ids that AWS issued; the session's name, which the nightly inventory has as well, "
            "joins nothing.",
        ),
        Asked(
            level=2,
            title="The secrets",
            asks="How many secrets did that session read?",
            kind="count",
            many=False,
            answer=lambda s: len(s.truth["secrets"]),
            solution='answer = len(events.with_key(last).named("GetSecretValue").succeeded())',
            hints=(
                "Reading a secret is a management event of Secrets Manager.",
                "GetSecretValue, with the key of the session in the payments account.",
                "KMS records a Decrypt for each, on behalf of that session: the same, not more.",
            ),
            explanation="Twelve. The twelve Decrypt are the same reads as KMS saw them.",
        ),
        Asked(
            level=3,
            title="Both halves",
            asks="At 18:02 `support-access` was assumed. Which events record it? There is one in each account concerned.",
            kind="event",
            answer=lambda s: s.claims("way_back_used"),
            solution='answer = events.named("AssumeRole").where(ct.param("requestParameters.roleArn").endswith("role/support-access"))',
            hints=(
                "What crosses accounts is recorded by the caller's trail and by the other's.",
                'AssumeRole, with a condition on `ct.param("requestParameters.roleArn")`.',
                "The two share `sharedEventID`; only the caller's half says who it was.",
            ),
            explanation="Two events, one action: in 111122223333 by user/lena, in 777788889999 by somebody of an account. Counted twice it would be two visits.",
        ),
        Asked(
            level=4,
            title="The way back",
            asks="State as a finding that the role was made and given rights, citing these two calls.",
            kind="claim",
            many=False,
            answer=lambda s: {"word": "internally consistent, key unproven", "events": s.claims("way_back_made")},
            solution="""made = events.where(ct.param("requestParameters.roleName") == "support-access").where(read_only=False)
answer = ct.finding("A way back was made into the payments account.", cites=made)""",
            hints=(
                "Look in the payments account, after the secrets were read.",
                'A condition on `ct.param("requestParameters.roleName")`.',
                "CreateRole and AttachRolePolicy.",
            ),
            explanation="CreateRole and AttachRolePolicy, by the last session of the chain, which lena's key stood behind.",
        ),
        Asked(
            level=4,
            title="By night",
            asks="The inventory of the night, 01:00 to 02:00, went the same way with the same session name. Which of its events came from the thief's address?",
            kind="event",
            answer=lambda s: [],
            solution='answer = events.between("2026-07-15T01:00Z", "2026-07-15T02:00Z").from_address("203.0.113.18")',
            hints=(
                "A session's name is chosen by whoever assumes the role.",
                "Narrow by time and by address.",
                "If none is left, none is the answer.",
            ),
            explanation="None. The night's came from the runners' address, with keys of their own. Equal names are no bond.",
        ),
        Asked(
            level=4,
            title="No other way",
            asks="State as an absence that nobody made a user or a key (CreateUser, CreateAccessKey) from 16:00 to 18:10 on 15 July 2026, UTC, in any account.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "names": ("CreateUser", "CreateAccessKey"),
                "window": AFTERNOON,
            },
            solution="""asked = ct.Window.of("2026-07-15T16:00Z", "2026-07-15T18:10Z")
answer = ct.absence("Nobody made a user or a key.", events.named("CreateUser", "CreateAccessKey"), window=asked)""",
            hints=(
                "All accounts at once: do not narrow by account.",
                '`ct.absence("…", events.named(…), window=ct.Window.of(…))`.',
                '`ct.Window.of("2026-07-15T16:00Z", "2026-07-15T18:10Z")`.',
            ),
            explanation="Every chain of the three accounts is covered. The role was the only way back that was made in that time.",
        ),
    ),
)
