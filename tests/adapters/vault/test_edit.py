import errno
import logging
import os
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from killed import is_whole, killed_while_writing
from program import until
from vaultscribe.adapters.vault import edit as module
from vaultscribe.adapters.vault import kernel, look
from vaultscribe.adapters.vault.edit import edit, publish, replace, sweep
from vaultscribe.adapters.vault.inbox import InboxNote
from vaultscribe.core.errors import NeedsUser, TransientError
from vaultscribe.core.model import Link, Note

TEXT = b"# Inbox\n- [ ] https://example.org/1\n"
OURS = b"ours\n"
THEIRS = b"theirs\n"
NOBODY = 65534

Change = Callable[[bytes], bytes]
Act = Callable[[], object]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")


@pytest.fixture
def note(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    file = tmp_path / "vault" / "Inbox.md"
    file.write_bytes(TEXT)
    return file


@pytest.fixture
def recovery(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def nobody_s_folder() -> Iterator[Path]:
    """A folder and a process without the powers of root, if it had them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        is_root = os.geteuid() == 0
        os.chown(folder, NOBODY if is_root else -1, -1)
        os.seteuid(NOBODY if is_root else os.geteuid())
        yield folder
        folder.chmod(0o700)
        os.seteuid(os.getuid())


@pytest.fixture
def no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patched, because a network drive is not at hand."""
    offer_no_lease(monkeypatch)


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patched, because no other system is at hand."""
    offer_no_exchange(monkeypatch)


def offer_no_lease(patch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def refused(fd: int) -> Iterator[bool]:
        yield False

    patch.setattr(kernel, "keep_writers_out", refused)
    patch.setattr(kernel, "keep_everyone_out", refused)
    patch.setattr(module, "UNGUARDED_GRACE_S", 0.05)
    patch.setattr(look, "UNGUARDED_S", 0.02)


def offer_no_exchange(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(kernel, "exchange", lambda _one, _other: False)
    patch.setattr(look, "DOUBT_S", 0.05)


def plus(line: bytes) -> Change:
    return lambda text: text if line in text else text + line


def after(act: Act, change: Change) -> Change:
    """Let *act* happen at the first call, as if somebody else was at work."""
    acts = [act]

    def changed(text: bytes) -> bytes:
        while acts:
            acts.pop()()
        return change(text)

    return changed


def around_first_exchange(
    monkeypatch: pytest.MonkeyPatch, before: Act | None = None, then: Act | None = None
) -> None:
    """Act in the moment that cannot be met from outside, hence the patch."""
    exchange = kernel.exchange
    acts = [(before, then)]

    def disturbed(one: Path, other: Path) -> bool:
        first, second = acts.pop() if acts else (None, None)
        if first:
            first()
        done = exchange(one, other)
        if second:
            second()
        return done

    monkeypatch.setattr(kernel, "exchange", disturbed)


def append(file: Path, text: bytes) -> None:
    with file.open("ab") as opened:
        opened.write(text)


def rename_over(file: Path, text: bytes) -> None:
    other = file.with_name("other")
    other.write_bytes(text)
    other.replace(file)


def dot_files(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.name.startswith(".")]


def any_text() -> st.SearchStrategy[bytes]:
    ends = st.sampled_from([b"\n", b"\r\n", b"\r", b"\xef\xbb\xbf", b"\xff", b"\xe4"])
    pieces = st.one_of(ends, st.binary(max_size=8), st.text(max_size=8).map(str.encode))
    return st.lists(pieces, max_size=8).map(
        lambda parts: b"".join(parts).replace(b"\0", b"")
    )


@given(head=any_text(), tail=any_text())
@settings(max_examples=40, deadline=None)
def test_bytes_outside_the_edit_are_untouched(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, tail: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    file = folder / "Inbox.md"
    file.write_bytes(b"-" + head + b"[ ]" + tail)

    edit(
        file,
        lambda text: text[: len(head) + 1] + b"[x] done" + text[len(head) + 4 :],
        recovery=folder / "recovery",
    )

    assert file.read_bytes() == b"-" + head + b"[x] done" + tail
    assert os.listdir(folder) == ["Inbox.md"]  # noqa: PTH208 - the names


WAYS = ["plain", "symlink", "hard link", "no lease", "no exchange"]


@given(
    head=any_text(),
    tail=any_text(),
    way=st.sampled_from(WAYS),
    mode=st.sampled_from([0o600, 0o640, 0o644, 0o664, 0o755]),
)
@settings(max_examples=60, deadline=None)
def test_bytes_and_mode_are_untouched_whichever_way_is_taken(
    tmp_path_factory: pytest.TempPathFactory,
    head: bytes,
    tail: bytes,
    way: str,
    mode: int,
) -> None:
    folder = tmp_path_factory.mktemp("ways")
    file = folder / "Inbox.md"
    file.write_bytes(b"-" + head + b"[ ]" + tail)
    file.chmod(mode)
    named = folder / {"symlink": "link.md"}.get(way, "Inbox.md")

    with taken(way, file):
        edit(
            named,
            lambda text: text[: len(head) + 1] + b"[x] done" + text[len(head) + 4 :],
            recovery=folder / "recovery",
        )

    assert file.read_bytes() == b"-" + head + b"[x] done" + tail
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert dot_files(folder) == []


@contextmanager
def taken(way: str, file: Path) -> Iterator[None]:
    """Make it so that *way* is the way to write *file*."""
    prepare: dict[str, Act] = {
        "symlink": lambda: file.with_name("link.md").symlink_to(file),
        "hard link": lambda: file.with_name("twin.md").hardlink_to(file),
    }
    prepare.get(way, lambda: None)()
    # Other systems are not at hand, hence the patches.
    with pytest.MonkeyPatch.context() as patch:
        if way in {"no lease", "no exchange"}:
            offer_no_lease(patch)
        if way == "no exchange":
            offer_no_exchange(patch)
        yield


@given(
    before=any_text(), after=any_text(), tail=st.sampled_from([b"", b" #tag", b"\r"])
)
@settings(max_examples=40, deadline=None)
def test_tick_changes_no_byte_of_any_other_line(
    tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes, tail: bytes
) -> None:
    # Behind a fence, in a comment or in properties no line is a request.
    before, after = (
        b"".join(b"." + each for each in text.splitlines(keepends=True))
        for text in (before, after)
    )
    folder = tmp_path_factory.mktemp("tick")
    file = folder / "Inbox.md"
    line = b"- [ ] https://youtu.be/jNQXAC9IVRw"
    file.write_bytes(before + b"\n" + line + tail + b"\n" + after)

    InboxNote(file, folder / "recovery").tick(
        Link("https://youtu.be/jNQXAC9IVRw"), Note("Me at the zoo", "")
    )

    text = file.read_bytes()
    assert text.startswith(before + b"\n- [")
    assert text.endswith(b"\n" + after)
    assert "→ [[Me at the zoo]]".encode() in text


def test_nothing_to_do_leaves_the_file_alone(note: Path, recovery: Path) -> None:
    before = note.stat()

    written = edit(note, lambda text: text, recovery=recovery)

    assert not written
    assert note.stat().st_ino == before.st_ino
    assert note.stat().st_mtime_ns == before.st_mtime_ns


def test_mode_is_kept(note: Path, recovery: Path) -> None:
    note.chmod(0o640)

    assert edit(note, plus(OURS), recovery=recovery)

    assert note.stat().st_mode & 0o7777 == 0o640


@on_linux
def test_attributes_are_kept(note: Path, recovery: Path) -> None:
    give_colour(note)

    assert edit(note, plus(OURS), recovery=recovery)

    assert os.getxattr(note, "user.colour") == b"red"


@on_linux
def test_attribute_that_is_refused_costs_no_other_one(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_colour(note)
    listed = os.listxattr(note)
    monkeypatch.setattr(os, "listxattr", lambda _path: ["security.none", *listed])

    assert edit(note, plus(OURS), recovery=recovery)

    assert os.getxattr(note, "user.colour") == b"red"


def give_colour(file: Path) -> None:
    try:
        os.setxattr(file, "user.colour", b"red")
    except OSError:
        pytest.skip("this file system knows no attributes")


def test_symlink_still_points_to_the_edited_file(note: Path, recovery: Path) -> None:
    link = note.with_name("link.md")
    link.symlink_to(note)

    assert edit(link, plus(OURS), recovery=recovery)

    assert link.is_symlink()
    assert note.read_bytes() == TEXT + OURS


def test_hard_links_stay_one_file(note: Path, recovery: Path) -> None:
    twin = note.with_name("twin.md")
    twin.hardlink_to(note)

    assert edit(note, lambda _: b"short\n", recovery=recovery)

    assert note.samefile(twin)
    assert twin.read_bytes() == b"short\n"
    assert list(recovery.iterdir()) == []


def test_hard_link_is_restored_when_the_disk_is_full(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note.with_name("twin.md").hardlink_to(note)
    failures = iter([OSError(errno.ENOSPC, "full")])

    def truncate_once_fails(fd: int, size: int) -> None:
        for failure in failures:
            raise failure
        os.truncate(fd, size)

    # A full disk is not at hand; the call after the text is in the file fails.
    monkeypatch.setattr(os, "ftruncate", truncate_once_fails)

    with pytest.raises(TransientError, match=r"no space to write Inbox\.md"):
        edit(note, lambda text: b"X" * len(text) + OURS, recovery=recovery)

    assert note.read_bytes() == TEXT
    assert [copy.read_bytes() for copy in recovery.iterdir()] == [TEXT]


@pytest.mark.parametrize("save", [append, rename_over])
def test_save_between_reading_and_writing_is_kept(
    note: Path, recovery: Path, save: Callable[[Path, bytes], None]
) -> None:
    change = after(lambda: save(note, TEXT + THEIRS), plus(OURS))

    assert edit(note, change, recovery=recovery)

    assert note.read_bytes().endswith(THEIRS + OURS)
    assert dot_files(note.parent) == []


@pytest.mark.parametrize("size", [0, 10])
def test_text_cut_off_in_mid_save_is_not_believed(
    note: Path, recovery: Path, size: int
) -> None:
    refill = threading.Timer(0.1, note.write_bytes, [TEXT])

    def cut_off() -> None:
        note.write_bytes(TEXT[:size])
        refill.start()

    edit(note, after(cut_off, plus(OURS)), recovery=recovery)
    refill.join()

    assert note.read_bytes() == TEXT + OURS


def test_text_found_empty_in_mid_save_is_not_believed(
    note: Path, recovery: Path
) -> None:
    refill = threading.Timer(0.1, note.write_bytes, [TEXT])
    note.write_bytes(b"")
    refill.start()

    edit(note, plus(OURS), recovery=recovery)
    refill.join()

    assert note.read_bytes() == TEXT + OURS


def test_text_the_user_cut_off_is_believed_after_a_while(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "DOUBT_S", 0.05)  # to save time only
    change = after(lambda: note.write_bytes(TEXT[:10]), plus(OURS))

    edit(note, change, recovery=recovery)

    assert note.read_bytes() == TEXT[:10] + OURS


@on_linux
def test_file_that_has_long_been_empty_is_edited_at_once(
    note: Path, recovery: Path
) -> None:
    note.write_bytes(b"")
    os.utime(note, (1e9, 1e9))

    assert edit(note, plus(OURS), recovery=recovery, deadline_s=0.5)


def test_edit_waits_until_the_file_is_quiet(note: Path, recovery: Path) -> None:
    began = time.monotonic()

    edit(note, plus(OURS), recovery=recovery, quiet_s=0.2)

    assert time.monotonic() - began > 0.1


@on_linux
def test_reader_that_never_closes_does_not_hinder(note: Path, recovery: Path) -> None:
    with note.open("rb"):
        assert edit(note, plus(OURS), recovery=recovery, deadline_s=0.5)


@on_linux
def test_writer_that_never_closes_is_waited_for_until_the_deadline(
    note: Path, recovery: Path
) -> None:
    with (
        note.open("ab"),
        pytest.raises(TransientError, match=r"Inbox\.md is being written"),
    ):
        edit(note, plus(OURS), recovery=recovery, deadline_s=0.1)

    assert note.read_bytes() == TEXT
    assert dot_files(note.parent) == []


@on_linux
def test_editor_waiting_at_the_lease_writes_where_it_meant_to(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Also shows that the announcement of the waiting editor does not end us.
    read_back = []

    def save_and_look() -> None:
        append(note, THEIRS)
        read_back.append(note.read_bytes())

    editor = threading.Thread(target=save_and_look)

    def arrive() -> None:
        editor.start()
        time.sleep(0.05)

    around_first_exchange(monkeypatch, before=arrive)

    assert edit(note, plus(OURS), recovery=recovery)
    editor.join()

    assert THEIRS in read_back[0]
    assert note.read_bytes() == TEXT + THEIRS + OURS
    assert not recovery.exists()


@on_linux
def test_editor_that_had_found_the_file_but_not_opened_it_is_waited_for(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.open(note, os.O_PATH)
    late = threading.Timer(0.01, append, [Path(f"/proc/self/fd/{found}"), THEIRS])
    around_first_exchange(monkeypatch, then=late.start)

    assert edit(note, plus(OURS), recovery=recovery)
    late.join()
    os.close(found)

    assert note.read_bytes() == TEXT + THEIRS + OURS


@on_linux
def test_words_that_come_seconds_late_are_put_back(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAST_LOOK_S", 0.1)  # to save time only
    found = os.open(note, os.O_PATH)

    assert edit(note, plus(OURS), recovery=recovery)
    append(Path(f"/proc/self/fd/{found}"), THEIRS)
    os.close(found)

    until(lambda: note.read_bytes() == TEXT + THEIRS + OURS, patience_s=5)
    until(lambda: dot_files(note.parent) == [], patience_s=5)
    assert not recovery.exists()


@on_linux
def test_words_that_come_seconds_late_and_have_no_place_are_kept(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAST_LOOK_S", 0.1)  # to save time only
    found = os.open(note, os.O_PATH)

    assert edit(note, plus(OURS), recovery=recovery)
    append(Path(f"/proc/self/fd/{found}"), THEIRS)
    note.write_bytes(b"another text\n")
    os.close(found)

    until(lambda: recovery.exists() and any(recovery.glob("[!.]*")), patience_s=5)
    assert [copy.read_bytes() for copy in recovery.iterdir()] == [TEXT + THEIRS]
    assert note.read_bytes() == b"another text\n"


@on_linux
def test_error_after_the_exchange_leaves_the_displaced_file_to_be_swept(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False])

    def fail_at_the_second(fd: int) -> bool:
        for answer in answers:
            return answer
        raise OSError(errno.EIO, "broken")

    # The kernel does not fail on demand.
    monkeypatch.setattr(kernel, "is_wanted", fail_at_the_second)

    with pytest.raises(TransientError, match="could not be written"):
        edit(note, plus(OURS), recovery=recovery)

    assert note.read_bytes() == TEXT + OURS
    assert sweep(note.parent, 0.0, recovery=recovery) == 1
    assert [copy.read_bytes() for copy in recovery.iterdir()] == [TEXT]


def test_file_replaced_by_its_twin_keeps_the_mode_of_the_new_one(
    note: Path, recovery: Path
) -> None:
    def replace_by_twin() -> None:
        rename_over(note, TEXT)
        note.chmod(0o600)

    note.chmod(0o644)

    edit(note, after(replace_by_twin, plus(OURS)), recovery=recovery)

    assert note.stat().st_mode & 0o7777 == 0o600
    assert note.read_bytes() == TEXT + OURS


def test_file_that_is_gone_for_a_moment_is_waited_for(
    note: Path, recovery: Path
) -> None:
    # Some editors delete and create; the wait until then does not count.
    aside = note.with_name("Inbox.md~")
    away = threading.Timer(0.7, note.rename, [aside])
    back = threading.Timer(0.8, aside.rename, [note])
    os.utime(note)
    away.start()
    back.start()

    assert edit(note, plus(OURS), recovery=recovery, quiet_s=1.0)

    assert note.read_bytes() == TEXT + OURS


def test_rename_in_the_very_moment_of_the_exchange_is_kept(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around_first_exchange(monkeypatch, before=lambda: rename_over(note, TEXT + THEIRS))

    assert edit(note, plus(OURS), recovery=recovery)

    assert note.read_bytes() == TEXT + THEIRS + OURS
    assert dot_files(note.parent) == []


@pytest.mark.usefixtures("no_lease")
@pytest.mark.parametrize("delay_s", [0.0, 0.01])
def test_late_words_in_the_displaced_file_are_put_back(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch, delay_s: float
) -> None:
    with note.open("ab", buffering=0) as editor:
        late = threading.Timer(delay_s, editor.write, [THEIRS])
        around_first_exchange(monkeypatch, then=late.start)

        assert edit(note, plus(OURS), recovery=recovery)
        late.join()

    assert note.read_bytes() == TEXT + THEIRS + OURS
    assert dot_files(note.parent) == []


@pytest.mark.usefixtures("no_lease")
def test_text_without_a_place_is_kept_in_the_recovery_folder(
    note: Path,
    recovery: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with note.open("ab", buffering=0) as editor:

        def save_twice() -> None:
            editor.write(THEIRS)
            note.write_bytes(b"another text\n")

        around_first_exchange(monkeypatch, then=save_twice)

        with caplog.at_level(logging.WARNING):
            edit(note, plus(OURS), recovery=recovery)

    assert note.read_bytes() == b"another text\n" + OURS
    assert [copy.read_bytes() for copy in recovery.iterdir()] == [TEXT + THEIRS]
    assert "Inbox.md was saved twice" in caplog.text


@pytest.mark.usefixtures("no_lease", "no_exchange")
def test_other_systems_keep_a_save_between_reading_and_writing(
    note: Path, recovery: Path
) -> None:
    change = after(lambda: append(note, THEIRS), plus(OURS))

    assert edit(note, change, recovery=recovery)

    assert note.read_bytes() == TEXT + THEIRS + OURS
    assert dot_files(note.parent) == []


@pytest.mark.usefixtures("no_lease", "no_exchange")
def test_other_systems_without_hard_links_replace_the_file(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", refuse_links)  # such a disk is not at hand

    assert edit(note, plus(OURS), recovery=recovery)

    assert note.read_bytes() == TEXT + OURS
    assert dot_files(note.parent) == []


def refuse_links(*_: object) -> None:
    raise OSError(errno.EPERM, "no hard links here")


@on_linux
@pytest.mark.usefixtures("no_lease", "no_exchange")
def test_nothing_of_ours_is_open_while_the_file_is_replaced(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Windows would refuse it, and is not at hand; the link is made just before.
    link, open_then = os.link, list[str]()

    def look_and_link(one: Path, other: Path) -> None:
        open_then.extend(map(str, Path("/proc/self/fd").resolve().iterdir()))
        open_then[:] = [os.path.realpath(each) for each in open_then]
        link(one, other)

    monkeypatch.setattr(os, "link", look_and_link)

    assert edit(note, plus(OURS), recovery=recovery)

    assert open_then != []
    assert str(note) not in open_then


@pytest.mark.usefixtures("no_lease", "no_exchange")
def test_file_that_another_program_holds_open_on_windows_is_tried_again(
    note: Path, recovery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_, refusals = Path.replace, [32, 5]

    def held_twice(self: Path, target: Path) -> Path:
        for code in refusals[:1]:
            error = PermissionError(errno.EACCES, "in use")
            error.winerror = refusals.pop(0) or code  # type: ignore[attr-defined]
            raise error
        return replace_(self, target)

    monkeypatch.setattr(Path, "replace", held_twice)  # no Windows is at hand

    assert edit(note, plus(OURS), recovery=recovery)

    assert refusals == []
    assert note.read_bytes() == TEXT + OURS
    assert dot_files(note.parent) == []


@pytest.mark.usefixtures("no_lease", "no_exchange")
def test_writers_of_ours_take_turns_where_names_cannot_be_exchanged(
    note: Path, recovery: Path
) -> None:
    lines = [b"line %d\n" % number for number in range(4)]
    alone = threading.Lock()

    def add(line: bytes) -> None:
        def change(text: bytes) -> bytes:
            assert alone.acquire(blocking=False), "another is at it"
            time.sleep(0.02)  # so that another would come
            alone.release()
            return plus(line)(text)

        edit(note, change, recovery=recovery)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, lines))

    assert sorted(note.read_bytes().splitlines(keepends=True)[2:]) == lines


def test_a_writer_of_ours_does_not_wait_for_ever_for_another(
    note: Path, recovery: Path
) -> None:
    def busy(text: bytes) -> bytes:
        with pytest.raises(TransientError, match="too many changes in line"):
            edit(note, plus(OURS), recovery=recovery, deadline_s=0.05)
        return text

    assert not edit(note, busy, recovery=recovery)


def test_two_writers_of_ours_do_not_undo_each_other(note: Path, recovery: Path) -> None:
    lines = [b"line %d\n" % number for number in range(16)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda line: edit(note, plus(line), recovery=recovery), lines))

    assert sorted(note.read_bytes().splitlines(keepends=True)[2:]) == sorted(lines)
    assert not recovery.exists()


def test_writable_file_in_a_closed_folder_is_rewritten_in_place(
    nobody_s_folder: Path,
) -> None:
    vault, recovery = nobody_s_folder / "vault", nobody_s_folder / "recovery"
    vault.mkdir()
    note = vault / "Inbox.md"
    note.write_bytes(TEXT)
    vault.chmod(0o500)

    written = edit(note, plus(OURS), recovery=recovery)
    vault.chmod(0o700)

    assert written
    assert note.read_bytes() == TEXT + OURS


def test_write_protected_note_is_left_alone(nobody_s_folder: Path) -> None:
    note = nobody_s_folder / "Inbox.md"
    note.write_bytes(TEXT)
    note.chmod(0o400)

    with pytest.raises(NeedsUser, match=r"Inbox\.md may not be written"):
        edit(note, plus(OURS), recovery=nobody_s_folder / "recovery")

    assert note.read_bytes() == TEXT


def test_folder_that_is_closed_takes_no_new_note(nobody_s_folder: Path) -> None:
    nobody_s_folder.chmod(0o500)

    with pytest.raises(NeedsUser, match=r"New\.md may not be written"):
        publish(nobody_s_folder / "New.md", TEXT)


def test_note_that_vanishes_is_not_made_anew(note: Path, recovery: Path) -> None:
    with pytest.raises(TransientError, match=r"Inbox\.md or its folder is not there"):
        edit(note, after(note.unlink, plus(OURS)), recovery=recovery)

    assert list(note.parent.iterdir()) == []


def test_folder_in_the_place_of_the_note_is_told(note: Path, recovery: Path) -> None:
    with pytest.raises(NeedsUser, match="vault is not a file"):
        edit(note.parent, plus(OURS), recovery=recovery)


@pytest.mark.parametrize(
    "text", [b"a\0b", "Привет".encode("utf-16"), b"\xfe\xff\x04\x1f"]
)
def test_what_is_no_utf8_text_is_left_alone(
    note: Path, recovery: Path, text: bytes
) -> None:
    note.write_bytes(text)

    with pytest.raises(NeedsUser, match=r"Inbox\.md is not UTF-8 text"):
        edit(note, plus(OURS), recovery=recovery)

    assert note.read_bytes() == text


def test_huge_file_is_left_alone(note: Path, recovery: Path) -> None:
    os.truncate(note, look.MAX_BYTES + 1)

    with pytest.raises(NeedsUser, match=r"Inbox\.md is too large"):
        edit(note, plus(OURS), recovery=recovery)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(errno.ENOSPC, "no space to write"), (errno.EIO, "could not be written")],
)
def test_disk_that_fails_leaves_the_old_text(
    note: Path,
    recovery: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    sentence: str,
) -> None:
    def fail(fd: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)  # a broken disk is not at hand

    with pytest.raises(TransientError, match=sentence) as edited:
        edit(note, plus(OURS), recovery=recovery)
    with pytest.raises(TransientError, match=sentence):
        replace(note, OURS)
    with pytest.raises(TransientError, match=sentence):
        publish(note.with_name("New.md"), OURS)

    assert str(note.parent) not in str(edited.value)
    assert note.read_bytes() == TEXT
    assert list(note.parent.iterdir()) == [note]


def test_published_note_is_complete_and_alone(note: Path) -> None:
    new = note.with_name("新" * 80 + ".md")

    assert publish(new, TEXT)

    assert new.read_bytes() == TEXT
    assert dot_files(note.parent) == []


PUBLISHING: list[tuple[Callable[..., object], Callable[..., bool]]] = [
    (os.link, kernel.move),
    (refuse_links, kernel.move),
    (refuse_links, lambda _one, _other: False),
]
"""What disks offer: hard links, a renaming that is never over another, neither."""


@pytest.mark.parametrize(("link", "move"), PUBLISHING)
def test_publish_never_overwrites(
    note: Path,
    monkeypatch: pytest.MonkeyPatch,
    link: Callable[..., object],
    move: Callable[..., bool],
) -> None:
    monkeypatch.setattr(os, "link", link)  # such disks are not at hand
    monkeypatch.setattr(kernel, "move", move)

    assert not publish(note, OURS)

    assert note.read_bytes() == TEXT
    assert dot_files(note.parent) == []


@pytest.mark.parametrize(("link", "move"), PUBLISHING)
def test_of_many_who_publish_one_name_exactly_one_succeeds(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    link: Callable[..., object],
    move: Callable[..., bool],
) -> None:
    monkeypatch.setattr(os, "link", link)  # such disks are not at hand
    monkeypatch.setattr(kernel, "move", move)
    names = [tmp_path / f"{number // 8}.md" for number in range(80)]

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda name: publish(name, TEXT), names))

    assert sum(won) == 10
    assert {file.read_bytes() for file in tmp_path.iterdir()} == {TEXT}


def test_publish_into_a_missing_folder_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match=r"New\.md or its folder is not there"):
        publish(tmp_path / "gone" / "New.md", TEXT)

    assert list(tmp_path.iterdir()) == []


def test_replace_writes_over_the_old_record(note: Path) -> None:
    replace(note, OURS)

    assert note.read_bytes() == OURS
    assert dot_files(note.parent) == []


def test_sweep_takes_only_old_files_of_ours(note: Path, recovery: Path) -> None:
    folder = note.parent
    (folder / ".Inbox.md.vaultscribe-12-3.tmp").write_bytes(THEIRS)
    (folder / ".other.tmp").write_bytes(b"")
    (folder / "x.vaultscribe-12-3.tmp").write_bytes(b"")

    assert sweep(folder) == 0
    assert sweep(folder, 0.0, recovery=recovery) == 1

    assert dot_files(folder) == [".other.tmp"]
    assert [copy.read_bytes() for copy in recovery.iterdir()] == [THEIRS]


def test_killed_writer_leaves_whole_files_and_what_it_left_is_swept(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(3) as pool:
        folders = [tmp_path / str(number) for number in range(25)]
        killed = list(pool.map(killed_while_writing, folders))

    assert [text for each in killed for text in each.texts if not is_whole(text)] == []
    assert sum(each.swept for each in killed) > 0
    assert [name for folder in folders for name in dot_files(folder)] == []
