"""Addresses that open a note in Obsidian. Format: its help, "Obsidian URI"."""

from typing import NamedTuple
from urllib.parse import quote

from vaultscribe.core.inbox import requests
from vaultscribe.core.neutralise import one_line


class NoteUri(NamedTuple):
    """A note's *name*, fit for a terminal, and the *uri* that opens it."""

    name: str
    uri: str


def open_uri(vault_name: str, path: str) -> str:
    """Write the address of the note *path*, with or without folder and `.md`."""
    file = path.removesuffix(".md")
    return f"obsidian://open?vault={_quoted(vault_name)}&file={_quoted(file)}"


def _quoted(text: str) -> str:
    # A lone half of a surrogate pair stands for a byte that is no UTF-8.
    return quote(text, safe="", errors="replace")


def notes(vault_name: str, inbox: str) -> dict[str, NoteUri]:
    """Tell by address which note each done link of the *inbox* has led to."""
    return {
        link.address: _note(vault_name, arrow.text)
        for request in requests(inbox)
        for link, arrow in zip(request.links, request.arrows, strict=True)
        if arrow and arrow.state == "done"
    }


def _note(vault_name: str, arrow: str) -> NoteUri:
    target = arrow[2:-2].partition("|")[0].partition("#")[0].strip()
    return NoteUri(one_line(target.rpartition("/")[2]), open_uri(vault_name, target))
