"""An archive of a version writes only into the registry, and unpacks to no more than a version holds: S5 to S7."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.attacks.conftest import Prey
from tests.attacks.evil_versions import members_of, zipped
from tests.server import Reply

LARGE = 24 << 20  # more than the server's max_archive_mb


@pytest.fixture
def send(prey: Prey, request: pytest.FixtureRequest):
    """Give what imports an archive as a model of this test's own; nothing is there but the registry afterwards."""
    name = f"from-archive-{abs(hash(request.node.name)) % 10**9}"

    def imported(data: bytes) -> Reply:
        return prey.server.request("POST", f"/models/{name}/archive", data, {"Content-Type": "application/zip"})

    imported.name = name  # type: ignore[attr-defined]
    return imported


def everything(prey: Prey) -> set[Path]:
    """Name all that lies in and around the registry, but for locks and what other tests publish."""
    around = prey.models.parent
    return {path for path in around.rglob("*") if path.name != ".publishing" and "from-archive" not in str(path)}


@pytest.mark.controls("known-files", "plain-file-names")
@pytest.mark.parametrize("path", ["../../harm", "../../../harm", "{absolute}"])
def test_a_file_whose_name_leads_elsewhere_is_written_nowhere(prey: Prey, send, path: str) -> None:
    """S5: the name stands in the manifest too, so that all of the archive agrees."""
    before = everything(prey)
    path = path.format(absolute=prey.harm)

    reply = send(zipped(members_of(prey.models, {path: b"x"})))

    assert reply.status == 400
    assert everything(prey) == before
    assert not prey.harm.exists()


@pytest.mark.controls("plain-members")
@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_member_that_is_no_plain_file_is_refused(prey: Prey, send, kind: int) -> None:
    """S6: links, pipes and devices, whatever they hold; hard links do not exist in zip."""

    def change(member: zipfile.ZipInfo) -> None:
        if member.filename == "config.yaml":
            member.external_attr = (kind | 0o777) << 16

    reply = send(zipped(members_of(prey.models, {}), change))

    assert reply.status == 400
    assert "is a link or something else that is no plain file" in reply.json()["error"]["message"]


@pytest.mark.controls("archives-are-zip")
def test_a_tar_archive_is_not_read(prey: Prey, send) -> None:
    """S5, S6: neither its names nor its links mean anything here."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as writer:
        link = tarfile.TarInfo("m")
        link.type, link.linkname = tarfile.SYMTYPE, str(prey.harm.parent)
        writer.addfile(link)
        inside = tarfile.TarInfo("m/harm")
        writer.addfile(inside, io.BytesIO(b""))

    reply = send(archive.getvalue())

    assert (reply.status, prey.harm.exists()) == (400, False)
    assert "it is not a zip archive" in reply.json()["error"]["message"]


@pytest.mark.controls("archive-sizes")
@pytest.mark.parametrize(("n_bytes", "status"), [(LARGE, 413), (8 << 20, 400)])
def test_a_bomb_is_refused_before_it_is_unpacked(prey: Prey, send, n_bytes: int, status: int) -> None:
    """S7: larger than a version may be, or small and a thousand times as large when it is unpacked."""
    reply = send(zipped(members_of(prey.models, {"report.html": bytes(n_bytes)})))

    assert reply.status == status


@pytest.mark.controls("archive-sizes")
def test_a_member_that_says_it_has_four_gigabytes_is_refused(prey: Prey, send) -> None:
    """S7: 10 GB, as the advisory has it, are for a larger kind of archive, which is not read at all."""
    data = zipped(members_of(prey.models, {"report.html": b"x" * 12_345}))
    lied = data.replace(struct.pack("<I", 12_345), struct.pack("<I", 0xFFFFFFF0))
    assert lied != data

    assert send(lied).status == 413


@pytest.mark.controls("archive-index", "archive-members", "listed-members")
@pytest.mark.parametrize("n_members", [100, 5_000])
def test_an_archive_of_many_members_is_refused(prey: Prey, send, n_members: int) -> None:
    """S7: a list of names alone can fill a memory."""
    reply = send(zipped({**members_of(prey.models, {}), **{f"f{number:05}": b"" for number in range(n_members)}}))

    assert reply.status == 400


@pytest.mark.controls("gunzip-bound")
def test_what_is_compressed_within_a_file_is_bounded_too(prey: Prey, send) -> None:
    """S7, the nested archive: the examples of a version are compressed once more."""
    line = b'{"text": "hello", "intent": "greeting"}\n'
    bomb = gzip.compress(line * 2 + b" " * (1 << 27))

    assert send(zipped(members_of(prey.models, {"dataset.jsonl.gz": bomb}))).status == 201
    reply = prey.server.get(f"/models/{send.name}/examples")

    assert reply.status == 503
    assert "it unpacks to more than" in reply.json()["error"]["message"]
