"""Whole notes of hostile records before the model of Obsidian's Markdown.

It needs Node.js and the packages of this folder; `make judge` sees to both.
"""

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from hostile import Twins, twins
from vaultscribe.core import render
from vaultscribe.core.model import Record
from vaultscribe.core.neutralise import one_line

pytestmark = pytest.mark.judge

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[1] / "vault_templates"
WORDS = {
    language: tomllib.loads(
        (TEMPLATES / f"words.{language}.toml").read_text(encoding="utf-8")
    )
    for language in ("en", "zh")
}
OTHER_PLACES = """

{{ callout("note", media.title, [media.channel | inline, record.focus | inline], "+") }}

### {{ media.title | heading }}

{{ media.description | inline }}
#### {{ record.focus | heading }}

| {{ media.series | table_cell }} | x |
|---|---|
| {{ media.title | table_cell }} | {{ record.focus | table_cell }} |
{% for each in media.chapters %}
| {{ each.title | table_cell }} | {{ each.start_s | moment }} |
{% endfor %}

{% for each in record.linked %}
1. {{ each.target | link(each.name) }}, {{ each.target | link }}
{% endfor %}

{% for each in record.related %}
- {{ each.name | link }}: {{ each.channel | inline }}
{% endfor %}
"""
"""Of which a template may make use, though ours does not."""
TEMPLATE = (TEMPLATES / "note.md.j2").read_text(encoding="utf-8") + OTHER_PLACES


NOTES = 1000
"""With more than 10,000 hostile strings in them; a test sees to that."""
FEW = 60
"""Enough for a judge to meet everything that he must refuse."""


def note(record: Record, template: str = TEMPLATE) -> str:
    words = WORDS[record.summary.language]
    return render.render(record, {render.BODY: template}, words)


def case(each: Twins, tame: str, template: str = TEMPLATE) -> dict[str, Any]:
    """Describe a hostile note, and that of its twin, to the judge."""
    return {
        "note": note(each.hostile, template),
        "tame": tame,
        "texts": each.texts,
        "raw": list(each.texts.values()),
    }


def judged(cases: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put *cases* before the judge; its verdicts on those that act."""
    if not (shutil.which("node") and (HERE / "node_modules").is_dir()):
        pytest.fail("the judges are not installed: run `make judge`")
    done = subprocess.run(
        ["node", str(HERE / "inert_judge.mjs")],
        input="\n".join(map(json.dumps, cases)),
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"NODE_NO_WARNINGS": "1"},
        timeout=600,
    )
    assert done.stderr == ""
    # Not splitlines: hostile text holds more line ends than JSON does.
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def test_ten_thousand_hostile_strings_do_nothing_and_read_as_themselves() -> None:
    notes = list(twins(NOTES, seed=1))

    acting = judged(case(each, note(each.tame)) for each in notes)

    assert acting == []
    assert sum(len(each.texts) for each in notes) > 10_000


# ---- the judge himself: whatever is not neutralised has to be refused ----

FIELDS = {
    "the gist": ("summary.core | inline", "summary.core"),
    "the point to remember": ("summary.view | inline", "summary.view"),
    "why there is no summary": ("summary.reason | inline", "summary.reason"),
    "points": ("point.text | inline", "point.text"),
    "titles of sections": ("section.title | inline", "section.title"),
    "texts of sections": ("section.text | inline", "section.text"),
    "the transcript": ("moment }} {{ text | inline", "moment }} {{ text"),
    "names of notes": ("{{ each.name | link }}", "[[{{ each.name }}]]"),
    "words of links": ("each.target | link(each.name)", "'[[x|' ~ each.name ~ ']]'"),
    "headings": ("### {{ media.title | heading", "### {{ media.title"),
    "cells of tables": ("record.focus | table_cell", "record.focus | inline"),
    "paragraphs": ("media.description | inline", "media.description"),
}


@pytest.fixture(scope="module")
def few() -> list[tuple[Twins, str]]:
    """Make hostile records, and the notes of their twins as they should be."""
    return [(each, note(each.tame)) for each in twins(FEW, seed=1)]


@pytest.fixture(scope="module")
def storable() -> list[tuple[Twins, str]]:
    """Make such records without what no file can hold; that is refused unjudged."""
    made = twins(4000, seed=1)
    whole = (each for each in made if "\\ud" not in repr(each.hostile))
    return [(each, note(each.tame)) for each in islice(whole, FEW)]


@pytest.mark.parametrize(("mended", "bare"), FIELDS.values(), ids=FIELDS)
def test_a_template_that_forgets_one_place_is_refused(
    storable: list[tuple[Twins, str]], mended: str, bare: str
) -> None:
    careless = TEMPLATE.replace(mended, bare)

    assert judged(case(*each, careless) for each in storable) != []


def quoted(text: str, *_: object) -> str:
    return f'"{text}"'


def bracketed(name: str, *_: object, **__: object) -> str:
    return f"[[{name}]]"


def by_hand(properties: dict[str, Any], body: str) -> str:
    head = "".join(f"{name}: {value}\n" for name, value in properties.items())
    return f"---\n{head}---\n\n{body}"


FUNCTIONS: dict[str, tuple[str, Callable[..., str]]] = {
    "titles of callouts": ("neutralise.inline", one_line),
    "words of links": ("neutralise.display", one_line),
    "labels": ("diagram.mermaid_label", quoted),
    "properties": ("render.property_text", one_line),
    "links in properties": ("render.wikilink", bracketed),
    "addresses": ("render._target", str),
    "YAML": ("render.write", by_hand),
}


@pytest.mark.parametrize(("function", "careless"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_renderer_that_forgets_one_place_is_refused(
    few: list[tuple[Twins, str]],
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    careless: Callable[..., str],
) -> None:
    # No port of ours: what is broken here is the very code under test.
    monkeypatch.setattr(f"vaultscribe.core.{function}", careless)

    assert judged(case(*each) for each in few) != []


@pytest.fixture(scope="module")
def few_cases(few: list[tuple[Twins, str]]) -> list[dict[str, Any]]:
    return [case(*each) for each in few]


@pytest.mark.parametrize("sign", "#[`$%<>:^*_~=-+.|&/\\")
def test_each_sign_has_to_be_escaped(
    few_cases: list[dict[str, Any]], sign: str
) -> None:
    bare = [
        each | {"note": each["note"].replace(f"\\{sign}", sign)} for each in few_cases
    ]

    assert judged(bare) != []
