"""Harms done to a small signed bucket, each by name, for whoever wants to see what a validator makes of them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from cttoolkit.training import tamper

FAULTS: dict[str, Callable] = {}


def fault(harm: Callable) -> Callable:
    FAULTS[harm.__name__.replace("_", " ")] = harm
    return harm


def put(case, key: str, body: bytes) -> None:
    case.objects[key] = replace(case.objects[key], body=body)


def content(case, key: str) -> dict:
    return json.loads(gzip.decompress(case.objects[key].body))


def pack(document: dict) -> bytes:
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), mtime=0)


def edit(case, key: str, **changes) -> None:
    put(case, key, pack(content(case, key) | changes))


def with_metadata(case, key: str, **changes) -> None:
    case.objects[key] = replace(case.objects[key], metadata={**case.objects[key].metadata, **changes})


def hours_logs(case, number: int) -> list[str]:
    return [listing["s3Object"] for listing in content(case, case.digests[number])["logFiles"]]


@fault
def untouched(case):
    pass


@fault
def log_edited(case):
    records = content(case, case.logs[3])
    records["Records"][0]["userAgent"] = "edited"
    put(case, case.logs[3], pack(records))


@fault
def log_deleted(case):
    del case.objects[case.logs[3]]


@fault
def log_recompressed(case):
    put(case, case.logs[3], gzip.compress(gzip.decompress(case.objects[case.logs[3]].body), 1, mtime=5))


@fault
def log_saved_decompressed(case):
    put(case, case.logs[3], gzip.decompress(case.objects[case.logs[3]].body))


@fault
def log_not_gzip(case):
    put(case, case.logs[3], b"not gzip")


@fault
def log_truncated(case):
    put(case, case.logs[3], case.objects[case.logs[3]].body[:-40])


@fault
def log_with_bytes_appended(case):
    put(case, case.logs[3], case.objects[case.logs[3]].body + b"more")


@fault
def log_with_second_member(case):
    put(case, case.logs[3], case.objects[case.logs[3]].body + pack({"Records": []}))


@fault
def logs_swapped(case):
    one, other = case.logs[2], case.logs[5]
    case.objects[one], case.objects[other] = case.objects[other], case.objects[one]


@fault
def log_planted(case):
    key = case.logs[3].replace(case.logs[3][-24:-8], "Planted000000000")
    case.objects[key] = replace(case.objects[case.logs[3]], body=pack({"Records": [{"eventName": "Planted"}]}))


@fault
def digest_edited(case):
    edit(case, case.digests[2], logFiles=[])


@fault
def digest_edited_to_fit_an_edited_log(case):
    log = hours_logs(case, 2)[0]
    put(case, log, pack({"Records": []}))
    listings = content(case, case.digests[2])["logFiles"]
    listings[0]["hashValue"] = hashlib.sha256(gzip.decompress(pack({"Records": []}))).hexdigest()
    edit(case, case.digests[2], logFiles=listings)


@fault
def digest_deleted(case):
    del case.objects[case.digests[2]]


@fault
def two_digests_deleted(case):
    for key in case.digests[2:4]:
        del case.objects[key]


@fault
def three_digests_deleted(case):
    for key in case.digests[1:4]:
        del case.objects[key]


@fault
def newest_digests_removed(case):
    for key in case.digests[-2:]:
        del case.objects[key]


@fault
def newest_digests_removed_and_their_logs_edited(case):
    for log in hours_logs(case, -1) + hours_logs(case, -2):
        put(case, log, pack({"Records": []}))
    newest_digests_removed(case)


@fault
def all_digests_removed(case):
    for key in case.digests:
        del case.objects[key]


@fault
def newest_digest_edited(case):
    edit(case, case.digests[-1], logFiles=[])


@fault
def digest_with_bytes_appended(case):
    put(case, case.digests[2], case.objects[case.digests[2]].body + b"more")


@fault
def digest_saved_decompressed(case):
    put(case, case.digests[2], gzip.decompress(case.objects[case.digests[2]].body))


@fault
def digest_not_json(case):
    put(case, case.digests[2], gzip.compress(b"not json", mtime=0))


@fault
def digest_copied_over_another(case):
    case.objects[case.digests[3]] = case.objects[case.digests[2]]


@fault
def signature_lost_in_the_middle(case):
    case.objects[case.digests[2]] = replace(case.objects[case.digests[2]], metadata={})


@fault
def signatures_lost_everywhere(case):
    for key in case.digests:
        case.objects[key] = replace(case.objects[key], metadata={})


@fault
def signature_in_the_middle_wrong(case):
    with_metadata(case, case.digests[2], signature="00" * 256)


@fault
def signature_of_the_newest_wrong(case):
    with_metadata(case, case.digests[-1], signature="00" * 256)


@fault
def digest_planted_with_a_far_date(case):
    """In an old day's folder, where a listing in order of keys meets it before the real ones."""
    far = case.digests[1].replace("_20260301T", "_20310301T")
    case.objects[far] = case.objects[case.digests[1]]


@fault
def previous_hash_wrong_though_signed(case):
    tamper.resign(case.bucket, case.digests[3], {"previousDigestHashValue": "11" * 32})


@fault
def previous_signature_wrong_though_signed(case):
    tamper.resign(case.bucket, case.digests[3], {"previousDigestSignature": "22" * 256})


@fault
def hash_of_a_log_in_upper_case(case):
    listings = content(case, case.digests[-1])["logFiles"]
    for listing in listings:
        listing["hashValue"] = listing["hashValue"].upper()
    tamper.resign(case.bucket, case.digests[-1], {"logFiles": listings})


@fault
def hash_algorithm_unknown(case):
    listings = content(case, case.digests[-1])["logFiles"]
    for listing in listings:
        listing["hashAlgorithm"] = "SHA-999"
    tamper.resign(case.bucket, case.digests[-1], {"logFiles": listings})


@fault
def keys_missing(case):
    case.bucket.public_keys = lambda: {"PublicKeyList": []}


@fault
def bucket_copied(case):
    """To a bucket of another name: nothing inside knows of it."""
    case.bucket_name = "example-copy"
