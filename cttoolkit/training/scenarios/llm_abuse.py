"""The story of the models: an old key is sold on, and others talk to models at the company's cost.

The key of a batch host's user is used from elsewhere: first by a script that asks in four regions which models there are, and tries
some with a request that costs nothing, for the error tells whether they could be used. Then access to a model is asked for and agreed
to, the log of what is said to models is deleted, and for two hours others talk to models in three regions, through one address.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, access_key, user
from cttoolkit.training.draws import Draws
from cttoolkit.training.people import sign_in
from cttoolkit.training.scenarios.ordinary import FROM_CONSOLE, live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant

__all__ = ["build"]

ACCOUNT = "111122223333"
HOME = "us-east-1"
USED = (HOME, "eu-west-1")
REGIONS = (*USED, "us-west-2", "ap-southeast-2")
SPENT = (HOME, "us-west-2", "eu-west-1")
START = instant("2026-08-19T00:00:00Z")
WINDOW = Window(moment(START, "20:03:14"), moment(START, "22:41:30"))
HOST, PROBER, RESELLER = "192.0.2.60", "198.51.100.90", "203.0.113.31"
PROBERS_AGENT = (
    "Boto3/1.34.69 md/Botocore#1.34.69 ua/2.0 os/linux#5.15.0-105-generic md/arch#x86_64 lang/python#3.10.12"
)
RESELLERS_AGENT = "aws-sdk-js/3.826.0 ua/2.1 os/linux#6.1.0 lang/js md/nodejs#20.19.2 api/bedrock-runtime#3.826.0"
KEY = access_key("AKIA", "svc-report")
LARGE, SMALL = "anthropic.claude-3-opus-20240229-v1:0", "anthropic.claude-3-haiku-20240307-v1:0"
PROBED = (LARGE, SMALL, "mistral.mistral-large-2402-v1:0", "meta.llama3-70b-instruct-v1:0")
MEANINGS = {
    "first_foreign_use": "the key of svc-report is used from an address that is not the batch host's, for the first time",
    "looking_around": "in four regions, which models there are, and whether what is said to them is logged",
    "denied": "Sydney, where the organization allows nothing",
    "probes": "models are tried with a request that cannot succeed: the error tells whether they could be used",
    "access_asked": "what the model would be used for is told, its terms are agreed to, and access is given",
    "model_log_deleted": "the log of what is said to models is deleted in us-west-2",
    **{f"invoked_{region}": f"models are talked to in {region}, from a second address" for region in SPENT},
    "throttled": "of these, what was turned away for being too much",
    "last_seen": "the last call with the key from elsewhere",
}
INNOCENT = {
    "curious": "chloe looks in the console, in the afternoon, which models there are, and invokes none",
}


def build(seed: int = 1, days: int = 1, volume: float = 0.3) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    sim = Simulator(seed)
    trail = opened(sim, ACCOUNT, HOME, REGIONS, START, days)
    live(trail, seed, days, volume, regions=USED)
    innocent, story = Scribe(trail, seed, "innocent"), Scribe(trail, seed, "story")
    draws = Draws("models", seed)
    _be_curious(innocent)
    prober = user(ACCOUNT, "svc-report", KEY, PROBER, PROBERS_AGENT)
    story.write(prober, HOME, WINDOW.start, "sts", "GetCallerIdentity", story="first_foreign_use")
    _look_around(story, prober)
    _probe(story, prober)
    _ask_for_access(story, prober)
    reseller = user(ACCOUNT, "svc-report", KEY, RESELLER, RESELLERS_AGENT)
    calls = _spend(story, reseller, draws)
    story.write(prober, HOME, WINDOW.end - timedelta(seconds=1), "bedrock", "ListFoundationModels", story="last_seen")
    truth = told(
        "llm-abuse",
        f"arn:aws:iam::{ACCOUNT}:user/svc-report",
        WINDOW,
        {**story.named, **innocent.named},
        MEANINGS,
        innocent=INNOCENT,
        absent=["StopLogging", "DeleteTrail", "CreateUser", "CreateAccessKey", "CreateServiceSpecificCredential"],
        unproven=[
            "what was said to the models, and how much it cost: neither stands in CloudTrail",
            "who talked to them: one address stands for all of them",
            "how the key was lost",
        ],
        leaked_key=KEY,
        known_address=HOST,
        foreign_addresses=[PROBER, RESELLER],
        models=[LARGE, SMALL],
        invocations=calls,
    )
    return sim.seal(), truth


def _be_curious(scribe: Scribe) -> None:
    """A red herring: reading about models in the console."""
    chloe = sign_in(scribe, ACCOUNT, "chloe", "PowerUserAccess", moment(START, "15:10:22"), "192.0.2.22")
    for clock, name in (
        ("15:11:40", "ListFoundationModels"),
        ("15:11:41", "ListInferenceProfiles"),
        ("15:12:30", "GetFoundationModel"),
    ):
        asked = {"modelIdentifier": SMALL} if name == "GetFoundationModel" else None
        scribe.write(chloe, HOME, moment(START, clock), "bedrock", name, asked, story="curious", **FROM_CONSOLE)


def _look_around(scribe: Scribe, prober: Caller) -> None:
    for number, region in enumerate(REGIONS):
        at = moment(START, "20:03:30") + timedelta(seconds=12 * number)
        for seconds, name in enumerate(
            ("ListFoundationModels", "ListInferenceProfiles", "GetModelInvocationLoggingConfiguration")
        ):
            refused = region == REGIONS[-1]
            scribe.write(prober, region, at + timedelta(seconds=2 * seconds), "bedrock", name, refused=refused,
                         story="denied" if refused else "looking_around")  # fmt: skip


def _invoke(
    scribe: Scribe, caller: Caller, region: str, at: datetime, name: str, model: str, story: str, **more: Any
) -> str:
    """A call to a model is a management event, and one that reads; nothing of what is said stands in it."""
    tls = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
           "clientProvidedHostHeader": f"bedrock-runtime.{region}.amazonaws.com"}  # fmt: skip
    return scribe.write(caller, region, at, "bedrock", name, {"modelId": model}, story=story, tlsDetails=tls, **more)


def _probe(scribe: Scribe, prober: Caller) -> None:
    """Where access is lacking the answer is one error, where it is there another: either costs nothing."""
    for number, region in enumerate(SPENT):
        for place, model in enumerate(PROBED):
            at = moment(START, "20:05:10") + timedelta(seconds=40 * number + 7 * place)
            if model == SMALL:
                error = "ValidationException"
                message = "max_tokens: must be greater than or equal to 1"
            else:
                error, message = "AccessDenied", "You don't have access to the model with the specified model ID."
            _invoke(scribe, prober, region, at, "InvokeModel", model, "probes", error=error, message=message)


def _ask_for_access(scribe: Scribe, prober: Caller) -> None:
    west = "us-west-2"
    for clock, name, asked, changes in (
        ("20:14:02", "GetUseCaseForModelAccess", None, False),
        ("20:14:20", "PutUseCaseForModelAccess", {"formData": "HIDDEN_DUE_TO_SECURITY_REASONS"}, True),
        ("20:14:51", "ListFoundationModelAgreementOffers", {"modelId": LARGE}, False),
        ("20:15:07", "CreateFoundationModelAgreement", {"modelId": LARGE, "offerToken": "HIDDEN_DUE_TO_SECURITY_REASONS"}, True),
        ("20:15:32", "PutFoundationModelEntitlement", {"modelId": LARGE}, True),
    ):  # fmt: skip
        answer = {"modelId": LARGE} if name == "CreateFoundationModelAgreement" else None
        scribe.write(
            prober,
            west,
            moment(START, clock),
            "bedrock",
            name,
            asked,
            changes=changes,
            response=answer,
            story="access_asked",
        )
    scribe.write(prober, west, moment(START, "20:16:10"), "bedrock", "DeleteModelInvocationLoggingConfiguration", changes=True,
                 story="model_log_deleted")  # fmt: skip


def _spend(scribe: Scribe, reseller: Caller, draws: Draws) -> dict[str, int]:
    """Two hours of talk. Returns how many calls succeeded in each region."""
    done = dict.fromkeys(SPENT, 0)
    for number in range(260):
        at = moment(START, "20:31:00") + timedelta(seconds=29 * number + draws.below(20))
        region = draws.one((*SPENT, "us-west-2"))
        model = LARGE if region == "us-west-2" and draws.chance(80) else SMALL
        name = draws.one(("ConverseStream", "InvokeModelWithResponseStream", "Converse"))
        if draws.chance(6):
            error = {"error": "ThrottlingException", "message": "Too many requests, please wait before trying again."}
            scribe.named.setdefault(f"invoked_{region}", []).append(
                _invoke(scribe, reseller, region, at, name, model, "throttled", **error)
            )
            continue
        _invoke(scribe, reseller, region, at, name, model, f"invoked_{region}")
        done[region] += 1
    return done
