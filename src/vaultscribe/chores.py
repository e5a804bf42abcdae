"""What needs no engine: setting a vault up, looking at it, rendering its notes anew."""

import difflib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vaultscribe import config
from vaultscribe.adapters.ledger import Ledger
from vaultscribe.adapters.lock import only_one
from vaultscribe.adapters.templates import Templates, example_config
from vaultscribe.adapters.vault import files
from vaultscribe.adapters.vault.topics import TopicNotes, all_notes
from vaultscribe.config import Places, Settings
from vaultscribe.core import uri
from vaultscribe.core.bases import filled
from vaultscribe.core.errors import ConfigError, LinkError
from vaultscribe.core.inbox import requests
from vaultscribe.wiring import inbox, notes

LIVE = frozenset({"working", "waiting", "following"})


def initialise(vault: Path, file: Path) -> Iterator[tuple[str, bool]]:
    """Write what a vault needs and has not got; yield each file and if it is new.

    Raises:
        ConfigError: the configuration that is there is of another vault.
    """
    if file.exists():
        settings = config.load(file)
        there = config.resolved(settings.vault.path, file)
        if there != vault:
            raise ConfigError(
                f"{file} is the configuration of {there}: name another file with"
                " --config, or change `vault.path` in it"
            )
    else:
        quoted = json.dumps(str(vault), ensure_ascii=False)
        example = example_config()
        text = re.sub(r'(?m)^path = ".*?"', lambda _: f"path = {quoted}", example)
        file.parent.mkdir(parents=True, exist_ok=True)
        yield str(file), files.publish(file, text.encode())
        file.chmod(0o600)  # a key may be written into it
        settings = config.load(file)
    where = config.places(settings, file)
    yield str(where.inbox), inbox(where).create()
    for extra, text in _extras(settings, where):
        extra.parent.mkdir(parents=True, exist_ok=True)
        yield str(extra), files.publish(extra, text.encode())


def _extras(settings: Settings, where: Places) -> Iterator[tuple[Path, str]]:
    """List what makes a vault pleasant to look at: the base, and the CSS snippet."""
    words = Templates(where.templates).text(f"vocabulary.{language(settings)}.md")
    yield where.vault / settings.vault.vocabulary, words
    base = Templates().text(f"Videos.{language(settings)}.base")
    folder = where.notes.relative_to(where.vault).as_posix()
    name = where.notes.name if where.notes != where.vault else "Videos"
    yield where.vault / f"{name}.base", filled(base, folder)
    obsidian = where.vault / ".obsidian"
    if obsidian.is_dir():
        snippet = Templates().text("vaultscribe.css")
        yield obsidian / "snippets" / "vaultscribe.css", snippet


def topic_notes(
    settings: Settings, where: Places, reading: Callable[[int], object]
) -> TopicNotes:
    """Get the topic notes; *reading* is told how many notes are read if many are."""
    template = Templates(where.templates).text(f"topic.{language(settings)}.md.j2")

    def render(tag: str) -> str:
        from jinja2 import TemplateError

        from vaultscribe.core.topics import topic

        try:
            return topic(tag, template)
        except TemplateError as error:
            raise ConfigError(f"the template of topic notes: {error}") from error

    folder = where.vault / settings.vault.topics
    return TopicNotes(folder, lambda: all_notes(where.vault, reading), render)


def language(settings: Settings) -> str:
    """Say in which language to speak where no video does: `zh` or `en`."""
    if settings.vault.language != "auto":
        return settings.vault.language
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, names), "").startswith("zh") else "en"


def status(where: Places) -> dict[str, Any]:
    """Tell how links fare: for programs as it is, for people by the command."""
    try:
        with only_one(where.lock, where.vault):
            watching = False
    except ConfigError:
        watching = True
    text = inbox(where).read()
    notes = uri.notes(where.vault.name, text)
    jobs: list[dict[str, Any]] = []
    if where.ledger.exists():
        ledger = Ledger(where.ledger)
        jobs = [asdict(job) for job in ledger.jobs()]
        ledger.close()
    for job in jobs:
        if job["state"] == "done" and (note := notes.get(job["address"])):
            job |= {"note": note.name, "uri": note.uri}
    open_ = {link.address for request in requests(text) for link in request.open()}
    live = {job["address"] for job in jobs if job["state"] in LIVE}
    return {"watching": watching, "open": len(open_ - live), "jobs": jobs}


def refresh(
    settings: Settings,
    where: Places,
    wanted: Sequence[str] | None,
    reading: Callable[[int], object],
) -> Iterator[tuple[str, str]]:
    """Render notes anew from their records; yield each and what became of it.

    Args:
        settings: of the vault.
        where: its places.
        wanted: ids, names, paths or addresses of notes; None for all.
        reading: is told how many notes are read if many are.

    Raises:
        ConfigError: another vaultscribe works on the vault, or nothing is known of
            what is *wanted*.
    """
    newer = settings.related.catch_up != "off"
    with only_one(where.lock, where.vault), closing(notes(settings, where)) as found:
        found.index.reading = reading
        names = found.known()
        ids = names.values() if wanted is None else [_known(names, w) for w in wanted]
        unique, changed = dict.fromkeys(ids), False
        for identity in unique:
            try:
                outcome = found.render_again(identity, newer=newer)
            except (LinkError, OSError) as error:
                yield identity, f"failed: {error}"
            else:
                changed = changed or outcome == "renewed"
                yield identity, outcome
        # The first notes were linked to the others as those were before.
        for identity in unique if changed else ():
            with suppress(LinkError, OSError):  # it was told
                found.render_again(identity, newer=newer)


def _known(names: Mapping[str, str], wanted: str) -> str:
    if wanted not in names:
        near = difflib.get_close_matches(wanted, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"no note is known as {wanted}{hint}")
    return names[wanted]


def is_link(text: str) -> bool:
    """Say whether *text*, alone on a line of the inbox, is one request."""
    found = [link.address for request in requests(text) for link in request.links]
    return found == [text]
