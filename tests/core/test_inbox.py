"""The grammar of the inbox: what asks for something, and what we write there."""

import re
from collections.abc import Callable
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.inbox import (
    WORKING,
    append,
    done,
    failed,
    mark,
    requests,
)
from vaultscribe.core.model import Link

URL = "https://b23.tv/0C9FMgg"
OTHER = "https://youtu.be/jNQXAC9IVRw"
PAGE = "https://example.org/page"
NOTE = done("A talk BV1sQUwBKEmg")
FAILED = failed("private video: sign in and set `cookies_file`")


def links(text: str) -> list[Link]:
    return [link for request in requests(text) for link in request.open()]


def addresses(text: str) -> list[str]:
    return [link.address for link in links(text)]


def link(line: str) -> Link:
    [only] = links(line)
    return only


# ---- what is a request ----


@pytest.mark.parametrize(
    "line",
    [
        PAGE,
        f"- {PAGE}",
        f"* {PAGE}",
        f"+ {PAGE}",
        f"1. {PAGE}",
        f"2) {PAGE}",
        f"- [ ] {PAGE}",
        f"  - [ ] {PAGE}",
        f"> {PAGE}",
        f"> > - [ ] {PAGE}",
        f"[a talk]({PAGE})",
        f'[a talk]({PAGE} "with a title")',
        f"- [ ] [a talk]({PAGE})",
        f"<{PAGE}>",
        f"- <{PAGE}>",
        f"**{PAGE}**",
        f"_{PAGE}_",
        f"=={PAGE}==",
        f"({PAGE})",
        f"“{PAGE}”",
        f"'{PAGE}'",
        f"👍 {PAGE}",
        f"#career {PAGE}",
        f"lang:zh {PAGE}",
        f"\ufeff{PAGE}",
        f"{PAGE}\u200b",
        f"{PAGE}. Worth it",
        f"{PAGE}, and more",
        f"{PAGE}…",
    ],
)
def test_a_line_that_is_a_link_is_a_request(line: str) -> None:
    assert addresses(line) == [PAGE]
