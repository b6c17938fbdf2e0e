"""The exercise about models used at another's cost: errors as answers, counting what succeeded."""

from exercises import Asked, Definition

from cttoolkit.window import Window

EVENING = Window.of("2026-08-19T20:00Z", "2026-08-19T23:00Z")
TALK = ("invoked_us-east-1", "invoked_us-west-2", "invoked_eu-west-1")


def _agreed(s):
    return [event for event in s.claims("access_asked") if not s.records[event]["readOnly"]]


EXERCISE = Definition(
    name="llm-abuse",
    title="a bill for models",
    story="""On Wednesday 19 August 2026 Acme's account is billed for models of Bedrock, which nobody there has ever used. An old batch host in the
cellar (192.0.2.60) has a user `svc-report`, with a key that is older than the people who could know what it may do.
A colleague had looked in the console that afternoon which models there are.
Who used models, where, how often, and what was changed for it?""",
    questions=(
        Asked(
            level=1,
            title="From where?",
            asks="From which addresses was the key of `svc-report` used that are not the batch host's?",
            kind="address",
            answer=lambda s: s.truth["foreign_addresses"],
            solution="""foreign = events.by("user/svc-report").where(lambda e: e.source_ip_address != "192.0.2.60")
answer = foreign""",
            hints=(
                "Look at all events of that user.",
                '`ct.pivot.addresses(events.by("user/svc-report"))`.',
                "Two, besides the host's.",
            ),
            explanation="198.51.100.90 looked around and prepared; 203.0.113.31 talked.",
        ),
        Asked(
            level=1,
            title="Since when?",
            asks="When was it first used from elsewhere?",
            kind="time",
            many=False,
            answer=lambda s: s.time("first_foreign_use"),
            solution="answer = foreign.window.start",
            hints=(
                "The first event of those of q1.",
                "`.window.start`.",
                "GetCallerIdentity, a little after eight in the evening.",
            ),
            explanation="20:03:14.",
        ),
        Asked(
            level=2,
            title="A closed door",
            asks="In which region was everything refused?",
            kind="region",
            many=False,
            answer=lambda s: s.told(s.claims("denied"), "awsRegion"),
            solution='answer = foreign.named("ListFoundationModels").denied()',
            hints=(
                "The caller asked the same three questions in each region.",
                "`.denied()`, by region; leave out the probes of models.",
                "ListFoundationModels with AccessDenied.",
            ),
            explanation="Sydney: the organization allows nothing there. The same three calls succeeded in the other regions.",
        ),
        Asked(
            level=2,
            title="An error that says yes",
            asks="Until 20:10 models were tried (InvokeModel) with requests that cannot succeed. Which error code says that the model could have been used?",
            kind="error code",
            many=False,
            answer=lambda s: [code for code in s.told(s.claims("probes"), "errorCode") if code != "AccessDenied"],
            solution="""probes = foreign.between("2026-08-19T20:00Z", "2026-08-19T20:10Z").named("InvokeModel").failed()
answer = [code for code in ct.pivot.errors(probes).values if code != "AccessDenied"]""",
            hints=(
                "Bedrock looks at permission before it looks at the request.",
                "`ct.pivot.errors(…)` of InvokeModel in that time.",
                "Two codes: one is a refusal. The other is about the request itself.",
            ),
            explanation="ValidationException: past the permissions, and only the request was at fault. A count of refusals alone would have missed what was learnt.",
        ),
        Asked(
            level=2,
            title="How often?",
            asks="From 20:30 on models were talked to, from another address. How many of these calls succeeded?",
            kind="count",
            many=False,
            answer=lambda s: sum(s.truth["invocations"].values()),
            solution="""talk = foreign.between("2026-08-19T20:30Z", "2026-08-19T22:40Z").to_service("bedrock")
answer = len(talk.succeeded())""",
            hints=(
                "Four event names stand for talking to a model.",
                "Narrow to the service and to what succeeded, and count.",
                "InvokeModel, InvokeModelWithResponseStream, Converse, ConverseStream, without ThrottlingException.",
            ),
            explanation="249 of 260. Eleven were throttled: asked, and not answered.",
        ),
        Asked(
            level=3,
            title="Which models?",
            asks="Which models were talked to from there? Give their ids.",
            kind="text",
            answer=lambda s: s.truth["models"],
            solution="""answer = talk.frame("request_parameters").request_parameters.str.extract('"modelId": ?"([^"]+)"')[0]""",
            hints=(
                "The model is a parameter of the request.",
                '`talk.frame("request_parameters")` holds them as JSON text.',
                "`requestParameters.modelId`; two different ones.",
            ),
            explanation="Two. Opus in us-west-2 only, where access to it had been asked for.",
        ),
        Asked(
            level=3,
            title="Out of earshot",
            asks="Which event made sure that what is said to models would not be kept in us-west-2?",
            kind="event",
            many=False,
            answer=lambda s: s.claims("model_log_deleted"),
            solution='answer = foreign.named("DeleteModelInvocationLoggingConfiguration")',
            hints=(
                "Bedrock may keep a log of its own of what is said to models.",
                "Look at the calls of that user that changed something: `.where(read_only=False)`.",
                "Its name begins with Delete.",
            ),
            explanation="DeleteModelInvocationLoggingConfiguration at 20:16:10, a quarter of an hour before the talk began.",
        ),
        Asked(
            level=4,
            title="Terms agreed to",
            asks="State as a finding that access to a model was obtained for the account. Cite the three calls that changed something for that (not what only looked).",
            kind="claim",
            many=False,
            answer=lambda s: {"word": "internally consistent, key unproven", "events": _agreed(s)},
            solution="""obtained = foreign.where(read_only=False).where(lambda e: e.event_name.startswith("Put") | e.event_name.startswith("Create"))
answer = ct.finding("Access to a model was obtained for the account.", cites=obtained)""",
            hints=(
                "A use is told, terms are agreed to, an entitlement is put.",
                "Writes of that user: `.where(read_only=False)`.",
                "PutUseCaseForModelAccess, CreateFoundationModelAgreement, PutFoundationModelEntitlement.",
            ),
            explanation="Three calls within ninety seconds. The agreement binds the account, and is among what has to be undone.",
        ),
        Asked(
            level=4,
            title="What was said?",
            asks="Which events show what was said to the models?",
            kind="event",
            answer=lambda s: [],
            solution='answer = talk.where(ct.param("requestParameters.messages").exists() | ct.param("requestParameters.prompt").exists())',
            hints=(
                "Look at one record whole: `events.original(event_id)`.",
                "Ask whether any request holds a prompt or messages.",
                "If none does, none is the answer.",
            ),
            explanation="None: CloudTrail keeps that a model was called, and not what was said. Neither does it know what it cost.",
        ),
    ),
)
