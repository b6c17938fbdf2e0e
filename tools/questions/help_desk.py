"""The exercise about a sign-in guessed in the shadow of the help desk: rights that were widened, and ways back."""

from exercises import Asked, Definition


def _after(s):
    """Events of the story that succeeded after the policy was changed, by the one who changed it."""
    changed = s.time("policy_changed")
    return [
        event
        for events in s.truth["claims"].values()
        for event in events
        if s.records[event]["eventTime"] > changed
        and not s.records[event].get("errorCode")
        and s.records[event]["userIdentity"].get("userName") == "anna.h"
    ]


EXERCISE = Definition(
    name="help-desk",
    title="the page that asked for no code",
    story="""On Thursday 15 October 2026 marc calls Acme's help desk: the sign-in page no longer asks him for a code. Nobody there changed that.
What the desk did the day before was to give jon a new password, and in the same quarter of an hour somebody else was at the sign-in page.
The user `backup-svc2` is unknown to everybody; the role `OrgAudit` is for auditors, who are not due before spring.
Who got in, how did they come to be allowed what they were refused at first, and by which ways could they come back?""",
    questions=(
        Asked(
            level=1,
            title="From where?",
            asks="From which address did most of the failed sign-ins of Wednesday 14 October come?",
            kind="address",
            many=False,
            answer=lambda s: s.told(s.claims("signed_in"), "sourceIPAddress"),
            solution="""failures = events.named("ConsoleLogin").where(ct.param("responseElements.ConsoleLogin") == "Failure")
answer = ct.pivot.addresses(failures).values[0]""",
            hints=(
                "Sign-ins of all outcomes are events of one name.",
                '`ct.param("responseElements.ConsoleLogin")` makes a condition on the outcome; then regroup by address.',
                'ConsoleLogin with `{"ConsoleLogin": "Failure"}`. Jon\'s two tries came from the office.',
            ),
            explanation="203.0.113.77. Two more failures came from the office: jon, who had forgotten his password, and whom the desk helped.",
        ),
        Asked(
            level=2,
            title="How many tries?",
            asks="How many sign-ins failed from there?",
            kind="count",
            many=False,
            answer=lambda s: len(s.claims("guesses_of_names", "guesses_of_passwords")),
            solution="answer = len(failures.from_address(answer))",
            hints=(
                "Those of q1, from that address alone.",
                "`.from_address(…)`, and count.",
                "Some name no user, since CloudTrail hides names that do not exist: they count as well.",
            ),
            explanation="31 in twelve minutes: seven with names that do not exist, which CloudTrail hides, and 24 with one that does.",
        ),
        Asked(
            level=1,
            title="In",
            asks="When did a sign-in from there succeed?",
            kind="time",
            many=False,
            answer=lambda s: s.time("signed_in"),
            solution="""thief = events.from_address("203.0.113.77")
answer = thief.named("ConsoleLogin").where(ct.param("responseElements.ConsoleLogin") == "Success")""",
            hints=(
                "The same name and address, with the other outcome.",
                '`ct.param("responseElements.ConsoleLogin") == "Success"`.',
                "Less than a minute after the last failure.",
            ),
            explanation="16:53:12, as user/anna.h, without a second factor.",
        ),
        Asked(
            level=3,
            title="A wider door",
            asks="Which event made the caller allowed to do what had been refused?",
            kind="event",
            many=False,
            answer=lambda s: s.claims("policy_changed"),
            solution='answer = thief.succeeded().named("CreatePolicyVersion")',
            hints=(
                "Look between the last refusal and the first call that got through.",
                "Writes that succeeded: `.succeeded().where(read_only=False)`, in order of time.",
                "A new version of a managed policy, made the default one with the same call.",
            ),
            explanation="CreatePolicyVersion at 17:03:18: the user might not attach policies, but might write versions of one that was attached already.",
        ),
        Asked(
            level=3,
            title="Refused, then allowed",
            asks="Which calls of the user anna.h were refused before that, and succeeded after it? Give event names.",
            kind="event name",
            answer=lambda s: sorted(set(s.told(s.claims("denied"), "eventName")) & set(s.told(_after(s), "eventName"))),
            solution="""anna = thief.by("user/anna.h")
later = anna.succeeded().between(answer.window.end, events.window.end)
answer = set(ct.pivot.names(anna.denied()).values) & set(ct.pivot.names(later).values)""",
            hints=(
                "Two sets of names, before and after.",
                "`.denied()` of hers, and `.succeeded()` from the event of q4 on; `ct.pivot.names(…).values` are names.",
                "Python's `&` is what two sets share.",
            ),
            explanation="The same calls, by the same user, with another answer: that is what the change of the policy was for.",
        ),
        Asked(
            level=3,
            title="From another house",
            asks="The role `OrgAudit` was assumed later, after it had been made to trust somebody new. By which account?",
            kind="account",
            many=False,
            answer=lambda s: s.told(s.claims("role_taken"), "userIdentity", "accountId"),
            solution="""taken = events.named("AssumeRole").where(ct.param("requestParameters.roleArn").endswith("role/OrgAudit"))
answer = taken.frame("user_identity_account_id").user_identity_account_id""",
            hints=(
                "Look for AssumeRole of that role.",
                'A condition on `ct.param("requestParameters.roleArn")`.',
                "`userIdentity` is of type AWSAccount; its `accountId` is asked for.",
            ),
            explanation="123456789012, whose own trail is not in the evidence. There lies the other half, which would tell who called.",
        ),
        Asked(
            level=3,
            title="The next morning",
            asks="Which access key was used by `backup-svc2` the next morning?",
            kind="access key",
            many=False,
            answer=lambda s: s.told(s.claims("key_used"), "userIdentity", "accessKeyId"),
            solution='answer = events.by("user/backup-svc2")',
            hints=(
                "A user that was left behind comes back.",
                "`ct.pivot.access_keys(…)` of that user's events.",
                "Its id begins with AKIA.",
            ),
            explanation="The one that had been made for it. Then it deleted its own password: what looks like tidying closes the way that shows, and leaves the key.",
        ),
        Asked(
            level=4,
            title="Left behind",
            asks="State as a finding that anna.h made the administrator `backup-svc2`. Cite the four successful calls of hers that made the user, "
            "and gave it a password, rights and a key.",
            kind="claim",
            many=False,
            answer=lambda s: {
                "word": "internally consistent, key unproven",
                "events": s.claims("administrator_left"),
            },
            solution="""made = anna.succeeded().where(ct.param("requestParameters.userName") == "backup-svc2")
answer = ct.finding("An administrator was left behind.", cites=made)""",
            hints=(
                "What came before it was refused does not belong.",
                '`.succeeded()`, and a condition on `ct.param("requestParameters.userName")`.',
                "CreateUser, CreateLoginProfile, AttachUserPolicy, CreateAccessKey.",
            ),
            explanation="Four calls in a minute and a quarter. An earlier CreateUser was refused, and is a try.",
        ),
        Asked(
            level=4,
            title="Who was the auditor?",
            asks="Which actors of this evidence are shown to have assumed `OrgAudit`, by an ARN in the event?",
            kind="actor",
            answer=lambda s: s.told(s.claims("role_taken"), "userIdentity", "arn"),
            solution="answer = taken.where(lambda e: e.user_identity_arn.notnull())",
            hints=(
                "See who the event of q6 says called.",
                '`taken.frame("user_identity_type", "user_identity_arn")`.',
                "Of a caller from another account this half tells the account, and an opaque id.",
            ),
            explanation="Nobody. An account is no person, and that it was anna's guest is likely and not shown: the address is another one. Ask the other account "
            "for its half.",
        ),
    ),
)
