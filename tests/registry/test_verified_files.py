"""What is read is what was written: no link is followed, sizes and digests are compared, files are replaced whole."""

import os
import threading

import pytest

from app.domain.damage_errors import (
    ChangedFileError,
    DamagedModelError,
    LinkedFileError,
    MissingFileError,
    TruncatedFileError,
    UnreadableFileError,
)
from app.registry.verified_files import (
    check_file,
    read_file,
    read_verified,
    refuse_links,
    replace_durably,
    sha256,
    write_durably,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "registry" / "model").mkdir(parents=True)
    (tmp_path / "registry" / "model" / "file").write_bytes(b"content")
    return tmp_path / "registry"


def test_a_digest_is_the_one_that_the_standard_gives_as_its_example():
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_is_read_as_it_stands(folder):
    assert read_file(folder, "model/file") == b"content"


def test_a_registry_that_is_itself_a_link_is_read(folder, tmp_path):
    # operators mount and link whole folders; only what lies below is ours to refuse
    (tmp_path / "mounted").symlink_to(folder)

    assert read_file(tmp_path / "mounted", "model/file") == b"content"


def test_a_file_that_is_not_there_is_missing(folder):
    with pytest.raises(MissingFileError, match=r"^model/other is missing$"):
        read_file(folder, "model/other")


def test_a_link_in_place_of_a_file_is_not_followed(folder):
    (folder / "model" / "link").symlink_to(folder / "model" / "file")

    with pytest.raises(LinkedFileError, match=r"^model/link is a symbolic link; the registry follows none$"):
        read_file(folder, "model/link")


def test_a_link_to_nowhere_is_told_as_a_link_not_as_missing(folder):
    (folder / "model" / "link").symlink_to(folder / "nowhere")

    with pytest.raises(LinkedFileError, match=r"^model/link "):
        read_file(folder, "model/link")


def test_a_link_on_the_way_to_a_file_is_named_itself(folder):
    (folder / "linked").symlink_to(folder / "model")

    with pytest.raises(LinkedFileError, match=r"^linked is a symbolic link"):
        read_file(folder, "linked/file")


def test_a_folder_in_place_of_a_file_is_refused_with_a_sentence(folder):
    with pytest.raises(UnreadableFileError, match=r"^model cannot be used: it is not a plain file$"):
        read_file(folder, "model")


@pytest.mark.timeout(5)  # opening a pipe waits for a writer that never comes
def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(folder):
    os.mkfifo(folder / "pipe")

    with pytest.raises(UnreadableFileError, match=r"^pipe cannot be used: it is not a plain file$"):
        read_file(folder, "pipe")


def test_a_path_that_goes_through_a_file_is_refused_with_a_sentence(folder):
    with pytest.raises(UnreadableFileError, match=r"^model/file/inner cannot be used: "):
        read_file(folder, "model/file/inner")


def test_a_name_longer_than_the_disk_allows_is_refused_with_a_sentence(folder):
    with pytest.raises(DamagedModelError, match=r"^model/x{300} "):
        read_file(folder, "model/" + "x" * 300)


def test_a_verified_file_is_given_where_size_and_digest_are_right(folder):
    assert read_verified(folder, "model/file", 7, sha256(b"content")) == b"content"


@pytest.mark.parametrize("look", [read_verified, check_file])
@pytest.mark.parametrize("found", [b"conten", b"contents", b""])
def test_a_file_of_another_size_is_refused_with_both_sizes(folder, found, look):
    (folder / "model" / "file").write_bytes(found)

    with pytest.raises(TruncatedFileError, match=rf"^model/file has {len(found)} bytes where its manifest says 7$"):
        look(folder, "model/file", 7, sha256(b"content"))


@pytest.mark.parametrize("look", [read_verified, check_file])
def test_a_file_of_the_same_size_and_other_content_is_refused(folder, look):
    with pytest.raises(ChangedFileError, match=r"^model/file has changed since it was published"):
        look(folder, "model/file", 7, sha256(b"CONTENT"))


def test_a_whole_file_can_be_looked_at_without_being_given(folder):
    check_file(folder, "model/file", 7, sha256(b"content"))


def test_plain_folders_and_files_are_no_links(folder):
    refuse_links(folder, "model/file/absent")


def test_a_new_file_holds_what_was_written(tmp_path):
    write_durably(tmp_path / "file", b"content")

    assert (tmp_path / "file").read_bytes() == b"content"


def test_a_file_that_exists_is_never_written_over(tmp_path):
    write_durably(tmp_path / "file", b"first")

    with pytest.raises(FileExistsError):
        write_durably(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"


def test_replacing_leaves_nothing_but_the_new_file(tmp_path):
    replace_durably(tmp_path / "file", b"first")

    replace_durably(tmp_path / "file", b"second")

    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"file": b"second"}


def test_what_a_killed_writer_left_does_not_stop_the_next_one(tmp_path):
    (tmp_path / ".file.new").write_bytes(b"half")

    replace_durably(tmp_path / "file", b"whole")

    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"file": b"whole"}


def test_a_reader_never_sees_half_of_a_replaced_file(tmp_path):
    contents = [bytes([number]) * 50_000 for number in range(60)]
    replace_durably(tmp_path / "file", contents[0])
    seen: set[bytes] = set()
    written = threading.Event()

    def read() -> None:
        while not written.is_set():
            seen.add((tmp_path / "file").read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for content in contents:
        replace_durably(tmp_path / "file", content)
    written.set()
    reader.join()

    assert seen <= set(contents)
