"""What is asked of the C library; macOS is not at hand, so a stand-in answers."""

import ctypes
import errno
import sys
from pathlib import Path

import pytest

from vaultscribe.adapters.vault import kernel


class Library:
    """Answers to both calls and remembers with what they were called."""

    def __init__(self, answer: int = 0) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.answer = answer

    def renameat2(self, *arguments: object) -> int:
        self.calls.append(("renameat2", *arguments))
        return self.answer

    def renamex_np(self, *arguments: object) -> int:
        self.calls.append(("renamex_np", *arguments))
        return self.answer


@pytest.mark.parametrize(
    ("platform", "calls"),
    [
        (
            "linux",
            [
                ("renameat2", -100, b"/v/a", -100, b"/v/b", 2),
                ("renameat2", -100, b"/v/a", -100, b"/v/b", 1),
            ],
        ),
        (
            "darwin",
            [
                ("renamex_np", b"/v/a", b"/v/b", 0x2),
                ("renamex_np", b"/v/a", b"/v/b", 0x4),
            ],
        ),
    ],
)
def test_each_system_is_asked_in_its_own_words(
    platform: str, calls: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library()
    renaming = kernel.renaming_of(platform, library)
    monkeypatch.setattr(kernel, "_renaming", lambda: renaming)

    assert kernel.exchange(Path("/v/a"), Path("/v/b"))
    assert kernel.move(Path("/v/a"), Path("/v/b"))

    assert library.calls == calls


@pytest.mark.parametrize(
    ("platform", "library"),
    [
        ("linux", object()),
        ("darwin", object()),
        ("win32", None),
        ("freebsd14", Library()),
    ],
)
def test_system_without_the_call_offers_nothing(
    platform: str, library: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    renaming = kernel.renaming_of(platform, library)
    monkeypatch.setattr(kernel, "_renaming", lambda: renaming)

    assert not kernel.exchange(Path("/v/a"), Path("/v/b"))
    assert not kernel.move(Path("/v/a"), Path("/v/b"))


def answering(code: int) -> kernel.Renaming:
    def fail(_one: bytes, _other: bytes, _flag: int) -> int:
        ctypes.set_errno(code)
        return -1

    return kernel.Renaming(fail, exchange=2, never_over=1)


@pytest.mark.parametrize("code", [errno.ENOTSUP, errno.EINVAL, errno.ENOSYS])
def test_file_system_that_cannot_do_it_says_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    # A FAT disk and an old kernel are not at hand.
    monkeypatch.setattr(kernel, "_renaming", lambda: answering(code))

    assert not kernel.exchange(tmp_path / "a", tmp_path / "b")
    assert not kernel.move(tmp_path / "a", tmp_path / "b")


def test_name_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "_renaming", lambda: answering(errno.ENOENT))

    with pytest.raises(FileNotFoundError):
        kernel.exchange(tmp_path / "a", tmp_path / "b")


def test_move_never_goes_over_another_file(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"1")
    other.write_bytes(b"2")

    with pytest.raises(FileExistsError):
        kernel.move(one, other)

    assert (one.read_bytes(), other.read_bytes()) == (b"1", b"2")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no exchange")
def test_two_names_are_exchanged_by_this_system(tmp_path: Path) -> None:
    one, other = tmp_path / "一", tmp_path / "二"
    one.write_bytes(b"1")
    other.write_bytes(b"2")

    assert kernel.exchange(one, other)

    assert (one.read_bytes(), other.read_bytes()) == (b"2", b"1")
