"""Evidence in a zip or a tar: read in place, with names and sizes that an attacker chose."""

import io
import os
import pickle
import tarfile
import zipfile

import pytest

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.integrity.verify import verify
from cttoolkit.sources.archive import Archive

LOG = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0205Z_AbCdEfGhIjKlMnOp.json.gz"
HOSTILE = ["../out.json", "/etc/cron.json", "a/../../b.json", "a//b.json", "c:/windows.json", "./../x.json"]


def make_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as held:
        for name, body in members:
            held.writestr(name, body)
    return path


def make_tar(path, members, mode="w"):
    with tarfile.open(path, mode) as held:
        for name, body in members:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            held.addfile(info, io.BytesIO(body))
    return path


def make_zst(path, members):
    import pyarrow as pa

    plain = make_tar(path.with_suffix(".plain"), members)
    with pa.output_stream(str(path), compression="zstd") as packed:
        packed.write(plain.read_bytes())
    return path


KINDS = {
    "zip": make_zip,
    "tar": make_tar,
    "tar.gz": lambda path, members: make_tar(path, members, "w:gz"),
    "tar.bz2": lambda path, members: make_tar(path, members, "w:bz2"),
    "tar.zst": make_zst,
}


@pytest.mark.parametrize("ending", KINDS)
@pytest.mark.parametrize("root", ["", "./", "copy-of-bucket/"])
def test_an_archived_bucket_is_judged_as_the_folder_is(case, tmp_path, ending, root):
    folder = case.write()
    members = [
        (root + str(path.relative_to(folder)), path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    ]
    archive = KINDS[ending](tmp_path / f"evidence.{ending}", members)
    expected = case.verify()
    found = verify(open_evidence(archive), expected.keyring)
    assert found.is_whole
    assert found.verdicts == expected.verdicts
    assert found.completeness.rows == expected.completeness.rows > 0
    assert found.configuration == expected.configuration


@pytest.mark.parametrize("ending", KINDS)
def test_names_that_lead_out_are_refused_and_named(tmp_path, ending):
    archive = KINDS[ending](tmp_path / f"e.{ending}", [(name, b"{}") for name in HOSTILE] + [(LOG, b"{}")])
    evidence = open_evidence(archive)
    assert [item.stored.key for item in evidence.logs] == [LOG]
    told = {key: why for key, why in evidence.others.items() if "leads out" in why}
    assert set(told) == set(HOSTILE)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".plain") == [f"e.{ending}"]


def test_a_link_or_a_device_in_a_tar_is_refused(tmp_path):
    path = make_tar(tmp_path / "e.tar", [(LOG, b"{}")])
    with tarfile.open(path, "a") as held:
        for name, kind in (
            ("sym.json", tarfile.SYMTYPE),
            ("hard.json", tarfile.LNKTYPE),
            ("dev.json", tarfile.CHRTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            held.addfile(info)
    refused = Archive(path).refused()
    assert set(refused) == {"sym.json", "hard.json", "dev.json"}
    assert "link" in refused["sym.json"]
    assert "link" in refused["hard.json"]
    assert "regular" in refused["dev.json"]


def test_a_link_in_a_zip_is_refused(tmp_path):
    path = make_zip(tmp_path / "e.zip", [(LOG, b"{}")])
    info = zipfile.ZipInfo("sym.json")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as held:
        held.writestr(info, "/etc/passwd")
    assert Archive(path).refused() == {"sym.json": "a symbolic link, which is not followed"}


@pytest.mark.parametrize("make", [make_zip, make_tar])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_with_one_name_the_last_counts_and_the_other_is_named(tmp_path, make):
    source = Archive(make(tmp_path / "e", [(LOG, b"first"), (LOG, b"last")]))
    (stored,) = source.objects()
    assert source.read(stored) == b"last"
    ((key, why),) = source.refused().items()
    assert key.startswith(LOG)
    assert "same name" in why


def test_a_zip_that_lies_about_a_name_gives_no_bytes(tmp_path):
    path = make_zip(tmp_path / "e.zip", [(LOG, b"{}")])
    body = bytearray(path.read_bytes())
    body[body.index(b"AbCdEf")] = ord("X")
    path.write_bytes(body)
    source = Archive(path)
    (stored,) = source.objects()
    with pytest.raises(EvidenceError, match="damaged in the archive"):
        source.read(stored)


def test_a_damaged_member_is_an_access_problem_and_the_rest_goes_on(case, tmp_path):
    folder = case.write()
    members = [(str(p.relative_to(folder)), p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()]
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as held:
        for name, content in members:
            held.writestr(name, content)
    name, content = next((name, content) for name, content in members if "/CloudTrail/" in name)
    body = bytearray(path.read_bytes())
    body[body.index(content) + 20] ^= 1
    path.write_bytes(body)
    found = verify(open_evidence(path), case.verify().keyring)
    assert set(found.completeness.unread) == {name}
    assert "CRC" in found.completeness.unread[name]
    assert not found.is_whole
    assert found.counts(Kind.LOG)[Status.INTACT] == len(case.logs) - 1


def test_a_zip_with_a_name_that_is_no_text_is_an_error(tmp_path):
    """The flag says UTF-8, and the name is not."""
    path = make_zip(tmp_path / "held.zip", [("n\u00e4me.json", b"{}")])
    path.write_bytes(path.read_bytes().replace("\u00e4".encode(), b"\xff\xfe"))
    with pytest.raises(EvidenceError, match=r"held\.zip"):
        verify(open_evidence(path))


def test_a_bomb_is_refused(tmp_path):
    path = make_zip(tmp_path / "e.zip", [(LOG, b"{}"), ("bomb.json", b"\0" * (600 << 20))])
    assert "more than any log file" in Archive(path).refused()["bomb.json"]
    packed = make_tar(tmp_path / "e.tar.gz", [(LOG, b"{}"), ("bomb.json", b"\0" * (200 << 20))], "w:gz")
    with pytest.raises(EvidenceError, match="inflates to more than"):
        Archive(packed)


def test_a_member_with_a_size_below_zero_does_not_loop(tmp_path):
    path = make_tar(tmp_path / "e.tar", [("a.json", b"{}")])
    second = tarfile.TarInfo("x.json")
    second.size = 0
    header = bytearray(second.tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + b"\xfc\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    body = path.read_bytes()
    path.write_bytes(body[:1024] + bytes(header) + body[1024:])
    assert [stored.key for stored in Archive(path).objects()] == ["a.json"]


def test_bytes_after_the_end_of_a_tar_are_named(tmp_path):
    path = make_tar(tmp_path / "a.tar", [(LOG, b"{}")])
    more = make_tar(tmp_path / "b.tar", [("y.json", b"{}")])
    path.write_bytes(path.read_bytes() + more.read_bytes())
    (why,) = Archive(path).refused().values()
    assert "no members" in why


def test_a_cut_tar_keeps_what_is_whole_and_says_so(tmp_path):
    path = make_tar(tmp_path / "a.tar", [(LOG, b"{}"), ("y.json", b"[" + b" " * 4000 + b"]")])
    path.write_bytes(path.read_bytes()[:3000])
    source = Archive(path)
    assert LOG in [stored.key for stored in source.objects()]
    assert any("damaged" in why for why in source.refused().values())


def test_what_is_no_archive_is_an_error(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(b"\x1f\x8b\x08 nothing")
    with pytest.raises(EvidenceError, match="cannot be inflated"):
        open_evidence(path)
    import gzip

    path.write_bytes(gzip.compress(b"{}"))
    with pytest.raises(EvidenceError, match="no zip and no tar"):
        open_evidence(path)


def test_an_archive_that_changes_is_noticed(tmp_path):
    path = make_zip(tmp_path / "e.zip", [(LOG, b"{}")])
    source = Archive(path)
    (stored,) = source.objects()
    os.utime(path, (1, 1))
    with pytest.raises(EvidenceChangedError, match="changed since the evidence was opened"):
        source.read(stored)


def test_it_reads_in_another_process_too(tmp_path):
    source = Archive(make_zip(tmp_path / "e.zip", [(LOG, b"body")]))
    (stored,) = source.objects()
    assert source.read(stored) == b"body"
    assert pickle.loads(pickle.dumps(source)).read(stored) == b"body"


def test_sidecars_beside_one_object_are_read(tmp_path):
    head = (LOG + ".head.json", b'{"Metadata": {"Signature": "ab"}}')
    source = Archive(make_zip(tmp_path / "e.zip", [(LOG, b"{}"), head]))
    assert source.metadata(LOG) == {"signature": "ab"}
    assert [stored.key for stored in source.objects()] == [LOG]
