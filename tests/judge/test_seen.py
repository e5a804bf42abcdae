"""Notes before a reader's eyes: Chromium shows them, and tells what is to be seen.

`make judge` runs it. The page imitates Obsidian's reading view; see render_note.mjs.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from seen import (
    CHINESE,
    REASONS,
    RECORDS,
    Browser,
    Seen,
    judge_vault,
    lengthened,
    make_demo,
    note,
    without_llm,
    words,
)
from vaultscribe.core.model import Diagram, Edge, Node, Record, Segment

pytestmark = pytest.mark.judge

ROOT = Path(__file__).parents[2]

# ---- every kind of note ------------------------------------------------------

STATUSES = ("success", "no llm", "llm failed")
LENGTHS = ("short", "long")
THEMES = ("light", "dark")
Kind = tuple[str, str, str, str]
KINDS: list[Kind] = list(product(RECORDS, STATUSES, LENGTHS, THEMES))
every_kind = pytest.mark.parametrize("kind", KINDS, ids=" ".join)


def record_of(kind: Kind) -> Record:
    language, status, length, _ = kind
    record = RECORDS[language]
    by_status = {
        "success": record,
        "no llm": without_llm(record),
        "llm failed": without_llm(record, REASONS[language]),
    }
    chosen = by_status[status]
    return {"short": chosen, "long": lengthened(chosen)}[length]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def seen(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[Kind, bool], Seen]:
    """What is seen of each kind of note, folded (False) and opened (True)."""
    folder = tmp_path_factory.mktemp("notes")
    found = {}
    for kind, expanded in product(KINDS, (False, True)):
        file = folder / f"{' '.join(kind)}.md"
        file.write_text(note(record_of(kind)), encoding="utf-8")
        found[kind, expanded] = browser.look(file, theme=kind[-1], expanded=expanded)
    return found


@every_kind
def test_nothing_acts_fails_or_overflows(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    assert seen[kind, False]["problems"] == []
    assert seen[kind, True]["problems"] == []


@every_kind
def test_each_point_and_section_can_be_read(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    summary = record_of(kind).summary
    texts = [summary.core, summary.view, *(point.text for point in summary.points)]
    texts += [text for each in summary.sections for text in (each.title, each.text)]

    assert [text for text in texts if text not in seen[kind, False]["text"]] == []


@every_kind
def test_headings_are_in_the_language_of_the_summary(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    language, status = kind[:2]
    own = words(language)
    parts = {"success": ["points", "sections", "map"]}.get(status, ["excerpts"])

    wanted = [own[part] for part in (*parts, "related", "mine")]
    assert seen[kind, False]["headings"] == wanted


@every_kind
def test_a_note_without_a_summary_says_why(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    language, status = kind[:2]
    own = words(language)
    reason = {
        "success": own["core"],
        "no llm": own["no_llm"].replace("`", ""),
        "llm failed": REASONS[language],
    }[status]

    assert reason in seen[kind, False]["text"]


@every_kind
def test_each_point_leads_to_its_moment(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    record = record_of(kind)
    moments = [round(point.moment_s) for point in record.summary.points]

    links = {tuple(address) for address in seen[kind, False]["addresses"]}
    wanted = {(f"{s // 60:02}:{s % 60:02}", address(record, s)) for s in moments}
    assert wanted <= links


def address(record: Record, moment_s: int) -> str:
    template = {"bilibili": "{}?t={}", "youtube": "{}&t={}s"}
    work = record.media.work
    return template[work.id.partition(":")[0]].format(work.url, moment_s)


@every_kind
def test_the_transcript_is_folded_and_opens(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    last = record_of(kind).transcript.segments[-1].text

    folds = seen[kind, False]["folds"]
    assert [(fold["isOpen"], fold["opens"]) for fold in folds] == [(False, True)]
    assert not seen[kind, False]["text"].rstrip().endswith(last)
    assert seen[kind, True]["text"].rstrip().endswith(last)


@every_kind
def test_the_map_shows_every_node_and_arrow(
    seen: dict[tuple[Kind, bool], Seen], kind: Kind
) -> None:
    diagram = record_of(kind).summary.diagram

    drawn = [(each["nodes"], each["arrows"]) for each in seen[kind, False]["diagrams"]]
    wanted = [(len(diagram.nodes), len(diagram.edges))] * bool(diagram.nodes)
    assert drawn == wanted


def test_three_hours_are_thousands_of_segments_and_no_longer_a_page_when_folded(
    seen: dict[tuple[Kind, bool], Seen],
) -> None:
    short, long = (("en", "success", length, "light") for length in LENGTHS)

    assert len(record_of(long).transcript.segments) > 5000
    assert seen[long, False]["height"] == seen[short, False]["height"]
    assert seen[long, True]["height"] > 10 * seen[short, True]["height"]


# ---- what is not so common ---------------------------------------------------

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def write(folder: Path, text: str) -> Path:
    file = folder / "note.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_picture_of_the_vault_is_shown(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "covers").mkdir()
    (tmp_path / "covers/封面 1.png").write_bytes(PICTURE)

    seen = browser.look(write(tmp_path, "![[covers/封面 1.png|320]]\n"))

    assert seen["problems"] == []
    assert [picture["width"] for picture in seen["pictures"]] == [320]


def test_long_words_and_addresses_are_wrapped(browser: Browser, tmp_path: Path) -> None:
    word, url = "ha" * 400, f"https://example.org/{'a' * 400}"
    said = (Segment(0.0, 2.0, word), Segment(60.0, 62.0, url))
    record = replace(
        without_llm(
            replace(CHINESE, transcript=replace(CHINESE.transcript, segments=said))
        ),
        media=replace(CHINESE.media, title=word, channel=word),
    )

    seen = browser.look(write(tmp_path, note(record)), expanded=True)

    assert seen["problems"] == []


def test_a_note_fits_a_telephone(browser: Browser, tmp_path: Path) -> None:
    seen = browser.look(write(tmp_path, note(CHINESE)), column=340, expanded=True)

    assert seen["problems"] == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", RECORDS)
def test_the_older_mermaid_draws_the_map_too(
    browser: Browser, tmp_path: Path, language: str, theme: str
) -> None:
    record = RECORDS[language]

    seen = browser.look(write(tmp_path, note(record)), mermaid="11.4.1", theme=theme)

    assert seen["problems"] == []
    assert seen["diagrams"][0]["nodes"] == len(record.summary.diagram.nodes)


LABELS = ("Forgetting begins within the hour", "Testing effect", "主动回想比重读有效")
MAPS = {
    "chain": [(n, n + 1) for n in range(14)],
    "star": [(0, n) for n in range(1, 15)],
    "tree": [((n - 1) // 2, n) for n in range(1, 15)],
    "pairs": [(n, n + 1) for n in range(0, 14, 2)],
    "star and chain": [(0, n) for n in range(1, 8)]
    + [(n, n + 1) for n in range(7, 14)],
    "circle": [(n, (n + 1) % 15) for n in range(15)],
    "parallel": [(n, n + 3) for n in range(12)],
}


@pytest.mark.parametrize("word", ["", "leads to"])
@pytest.mark.parametrize("pairs", MAPS.values(), ids=MAPS)
def test_a_map_of_fifteen_nodes_can_be_read(
    browser: Browser, tmp_path: Path, pairs: list[tuple[int, int]], word: str
) -> None:
    nodes = tuple(Node(n, LABELS[n % 3]) for n in range(15))
    diagram = Diagram(nodes, tuple(Edge(a, b, word) for a, b in pairs))
    summary = replace(CHINESE.summary, diagram=diagram)

    seen = browser.look(write(tmp_path, note(replace(CHINESE, summary=summary))))

    assert seen["problems"] == []
    drawn = seen["diagrams"][0]
    assert (drawn["nodes"], drawn["arrows"]) == (15, len(pairs))


# ---- what the browser refuses: a judge that passes everything proves nothing --

WIDE_MAP = "\n".join(f'  a --> b{i}["a label of some length"]' for i in range(15))
BAD_NOTES = {
    "remote picture": (
        "![](https://t.example/p.png)",
        "asks the network for https://t.ex",
    ),
    "HTML": ("<b>x</b>", "HTML: <b>"),
    "script": ("x <script>alert(1)</script>", "loses <script> to the sanitiser"),
    "handler": ('<b onclick="alert(1)">x</b>', "loses @onclick to the sanitiser"),
    "broken YAML": ("---\na: b: c\n---\n", "invalid properties"),
    "lost picture": ("![[cover.jpg]]", "shows a file that is not there: cover.jpg"),
    "wide table": (
        f"{'| word ' * 40}|\n{'|-' * 40}|",
        "wider than the column: <table>",
    ),
    "diagram": (
        '```mermaid\ngraph TD\n a -- "x" -- > b\n```',
        "diagram: Lexical error",
    ),
    "empty diagram": ("```mermaid\nflowchart TD\n```", "diagram: nothing is drawn"),
    "small text": (f"```mermaid\nflowchart TD\n{WIDE_MAP}\n```", "diagram: text of 2"),
    "pale text": (
        "```mermaid\nflowchart TD\n a\n style a fill:#FADBD8,color:#FFFFFF\n```",
        "diagram: contrast of 1.3 in a node",
    ),
    "empty fold": ("> [!quote]- Transcript", "does not open: Transcript"),
}


@pytest.mark.parametrize(("text", "problem"), BAD_NOTES.values(), ids=BAD_NOTES)
def test_bad_note_is_refused(
    browser: Browser, tmp_path: Path, text: str, problem: str
) -> None:
    seen = browser.look(write(tmp_path, f"{text}\n"))

    assert problem in "\n".join(seen["problems"])


# ---- the demo's vault --------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vault = tmp_path_factory.mktemp("demo") / "vault"
    make_demo(vault, tmp_path_factory.mktemp("home"))
    return vault


def test_demo_vault_leads_nowhere_that_is_not(demo: Path) -> None:
    verdict = judge_vault(demo)

    assert verdict["problems"] == []
    assert verdict["unresolved"] == {}


def test_every_note_of_the_demo_is_fit_to_be_seen(browser: Browser, demo: Path) -> None:
    notes = sorted(demo.rglob("*.md"))

    found = [
        browser.look(file, vault=demo, theme=theme, expanded=expanded)
        for file, theme, expanded in product(notes, THEMES, (False, True))
    ]

    assert len(notes) > 2
    assert [each["problems"] for each in found if each["problems"]] == []


# ---- the pictures in the documents -------------------------------------------


def test_pictures_of_the_documents_are_small() -> None:
    sizes = [file.stat().st_size for file in (ROOT / "docs/pictures").glob("*.png")]

    assert len(sizes) >= 4
    assert max(sizes) < 200_000
