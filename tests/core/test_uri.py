"""Addresses that open notes in Obsidian."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.uri import NoteUri, notes, open_uri


@pytest.mark.parametrize(
    ("vault", "path", "expected"),
    [
        ("Notes", "Videos/A.md", "vault=Notes&file=Videos%2FA"),
        ("my vault", "a b", "vault=my%20vault&file=a%20b"),
        ("a&b", "R&D #1 100%.md", "vault=a%26b&file=R%26D%20%231%20100%25"),
        ("笔记", "视频", "vault=%E7%AC%94%E8%AE%B0&file=%E8%A7%86%E9%A2%91"),
        ("v.md", "a+b", "vault=v.md&file=a%2Bb"),
    ],
)
def test_an_address_is_percent_encoded_wholly(
    vault: str, path: str, expected: str
) -> None:
    assert open_uri(vault, path) == f"obsidian://open?{expected}"


@given(st.text(), st.text(min_size=1).filter(lambda path: not path.endswith(".md")))
def test_an_address_says_what_was_put_into_it(vault: str, path: str) -> None:
    address = open_uri(vault, path)

    found = parse_qs(urlsplit(address).query, keep_blank_values=True)
    assert found == {"vault": [vault], "file": [path]}
    assert address.isascii()
    assert address.isprintable()


INBOX = """\
- [x] https://youtu.be/jNQXAC9IVRw → [[Me at the zoo jNQXAC9IVRw]]
- [x] https://youtu.be/aaaaaaaaaaa → [[Videos/A (2)|that one]]
- [x] https://youtu.be/ddddddddddd → [[D\u202e\x1b]0;x\x07#Key points]]
- [ ] https://youtu.be/bbbbbbbbbbb → ❌ gone
- [ ] https://youtu.be/ccccccccccc → ⏳
- [ ] https://youtu.be/eeeeeeeeeee
"""


def test_the_inbox_tells_the_notes_of_done_links() -> None:
    found = notes("v", INBOX)

    assert found == {
        "https://youtu.be/jNQXAC9IVRw": NoteUri(
            "Me at the zoo jNQXAC9IVRw",
            "obsidian://open?vault=v&file=Me%20at%20the%20zoo%20jNQXAC9IVRw",
        ),
        "https://youtu.be/aaaaaaaaaaa": NoteUri(
            "A (2)", "obsidian://open?vault=v&file=Videos%2FA%20%282%29"
        ),
    }


def test_a_name_cannot_act_in_the_terminal() -> None:
    inbox = "- [x] https://youtu.be/ddddddddddd → [[D\u202e\x1b\x07\udcff#Key points]]"

    [note] = notes("v", inbox).values()

    assert note.name == "D"
    assert note.uri.isascii()
    assert note.uri.isprintable()
