"""What is missing, in words, with what mends it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from vaultscribe import config, wiring
from vaultscribe.adapters.media import version
from vaultscribe.adapters.templates import Templates
from vaultscribe.core.errors import VaultscribeError
from vaultscribe.core.inbox import requests
from vaultscribe.core.model import Record


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at.

    Args:
        ok: False when links will fail because of it.
        text: what was found, and where it is not *ok* what mends it.
    """

    name: str
    ok: bool
    text: str


def checks(
    settings: config.Settings, where: config.Places, samples: Iterable[Record]
) -> Iterator[Check]:
    """Look at the vault, its notes of ours, the templates, yt-dlp and the LLM server.

    Args:
        settings: the configuration.
        where: the places that it names.
        samples: records with which the templates have to work.
    """
    found: list[tuple[str, Callable[[], str]]] = [
        ("vault", lambda: _vault(where)),
        ("inbox", lambda: _inbox(where)),
        ("vocabulary", lambda: _vocabulary(settings, where)),
        ("templates", lambda: _templates(where, samples)),
        ("yt-dlp", lambda: f"version {version()}"),
        ("llm", lambda: _llm(settings, where)),
    ]
    for name, look in found:
        try:
            yield Check(name, ok=True, text=look())
        except VaultscribeError as error:
            yield Check(name, ok=False, text=str(error))


def _vault(where: config.Places) -> str:
    if not where.vault.is_dir():
        raise VaultscribeError(f"{where.vault} is not there: set `vault.path`")
    probe = where.vault / ".vaultscribe-probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise VaultscribeError(
            f"{where.vault} cannot be written ({error.strerror}): check its permissions"
        ) from error
    known = (where.vault / ".obsidian").is_dir()
    return str(where.vault) + ("" if known else " (Obsidian has not opened it yet)")


def _inbox(where: config.Places) -> str:
    if not where.inbox.exists():
        raise VaultscribeError(
            f"{where.inbox.name} is not there: run `vaultscribe init {where.vault}`"
        )
    text = wiring.inbox(where).read()
    waiting = sum(len(request.open()) for request in requests(text))
    return f"{where.inbox.name}, {waiting} open link(s)"


def _vocabulary(settings: config.Settings, where: config.Places) -> str:
    words, mistakes = wiring.layout(settings, where).words()
    if mistakes:
        raise VaultscribeError(f"{settings.vault.vocabulary}, {'; '.join(mistakes)}")
    return f"{settings.vault.vocabulary}, {len(words.merged)} rule(s) for tags"


def _templates(where: config.Places, samples: Iterable[Record]) -> str:
    templates = Templates(where.templates)
    for record in samples:
        templates.check(record, record.summary.language)
    return str(where.templates) if where.templates else "as they come"


def _llm(settings: config.Settings, where: config.Places) -> str:
    server = wiring.llm(settings, where)
    if server is None:
        return "none configured: notes will hold excerpts instead of a summary"
    return server.reachable()
