"""Notes and diagrams before judges that are not ours: mermaid, yaml, markdown-it.

They need Node.js and the packages of this folder; `make judge` sees to both.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from vaultscribe.core import neutralise
from vaultscribe.core.diagram import WORD_LIMIT, mermaid
from vaultscribe.core.model import Diagram, Edge, Node, Shape

pytestmark = pytest.mark.judge

HERE = Path(__file__).parent
VERSIONS = ["11.13.0", "11.4.1"]
"""Of mermaid, in Obsidian 1.13 and in 1.8.5 to 1.12. Source: its release notes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    code: int
    text: str

    def lines(self) -> list[dict[str, Any]]:
        # Not splitlines: hostile text holds more line ends than JSON does.
        return [json.loads(line) for line in self.text.split("\n") if line]

    def problems(self) -> list[str]:
        found = json.loads(self.text)["problems"]
        return [f"{each['file']}: {each['problem']}" for each in found]


def judge(script: str, *paths: Path) -> Verdict:
    """Run one of the judges; what it says on its standard error is a failure."""
    if not (shutil.which("node") and (HERE / "node_modules").is_dir()):
        pytest.fail("the judges are not installed: run `make judge`")
    done = subprocess.run(
        ["node", str(HERE / script), *map(str, paths)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"NODE_NO_WARNINGS": "1"},
        timeout=300,
    )
    assert done.stderr == ""
    return Verdict(done.returncode, done.stdout)


def write(folder: Path, **notes: str) -> Path:
    for name, text in notes.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def draw(folder: Path, *sources: str) -> list[dict[str, Any]]:
    """Draw each source with each version; verdicts in order, versions innermost."""
    for number, source in enumerate(sources):
        (folder / f"{number:03}.mmd").write_text(source, encoding="utf-8")
    return judge("mermaid_check.mjs", folder).lines()


# ---- the judges themselves: a judge that passes everything proves nothing ----

GOOD_NOTE = """\
---
title: "冒号: 两个"
aliases:
  - 两个冒号
timestamp: 2025-11-24T07:45:14
duration_seconds: 217
tags:
  - 人工智能/pytorch
related:
  - "[[other]]"
---

> [!abstract] 核心思想
> 一段话，\\#不是标签，100% 的话。

- 第一点 [02:41](https://example.org/watch?v=1&t=161)
- 见 [[other|另一篇]] 和 `代码`

```mermaid
flowchart TD
    n1["开头"] -->|"于是"| n2(["结果"])
```

> [!quote]- 字幕
> 一句。
>
> 另一句。
"""

BAD_NOTES = {
    "broken YAML": ("---\ntitle: a: b\n---\n", "invalid properties"),
    "duplicate key": ("---\na: 1\na: 2\n---\n", "invalid properties"),
    "nested property": ("---\na:\n  b: 1\n---\n", "holds nested values"),
    "tags in one text": ("---\ntags: a, b\n---\n", "is no list"),
    "tag with a blank": ("---\ntags:\n  - a b\n---\n", "invalid tag"),
    "blank before": ("\n---\na: 1\n---\n", "blank before its properties"),
    "Dataview field": ("他说 [寿命:: 三年] 就好\n", "raw Dataview field 寿命"),
    "Dataview query": ("看 `= this.file.name`\n", "Dataview query in code"),
    "Templater": ("<% tp.date.now() %>\n", "Templater"),
    "open comment": ("正文 %% 其余都不见了\n\n更多\n", "unclosed %% comment"),
    "tag in a comment": ("%% #隐藏 %%\n", "counts although in a comment: #隐藏"),
    "HTML": ("一个 <iframe src=x></iframe>\n", "HTML: <iframe"),
    "remote picture": ("![](https://t.example/p.png)\n", "picture from the network"),
    "Chinese tag": (f"#{'成功，他说。' * 8}\n", "very long tag"),
    "open fence": ("> ```mermaid\n> flowchart TD\n\nrest\n", "is not closed"),
    "link to itself": ("[[note]]\n", "links to itself"),
}


def test_good_note_passes(tmp_path: Path) -> None:
    write(tmp_path, note=GOOD_NOTE, other="# Other\n")

    verdict = judge("vault_judge.mjs", tmp_path)

    assert verdict.problems() == []
    assert verdict.code == 0
    assert json.loads(verdict.text)["edges"] == [["note.md", "other.md"]] * 2
    assert json.loads(verdict.text)["tags"] == {"#人工智能/pytorch": 1}


@pytest.mark.parametrize(("text", "problem"), BAD_NOTES.values(), ids=BAD_NOTES)
def test_bad_note_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, note=text)

    verdict = judge("vault_judge.mjs", tmp_path)

    assert problem in "\n".join(verdict.problems())
    assert verdict.code == 1


def test_link_to_an_alias_leads_nowhere(tmp_path: Path) -> None:
    write(tmp_path, a="---\naliases:\n  - 别名\n---\n", b="见 [[别名]]\n")

    verdict = judge("vault_judge.mjs", tmp_path)

    assert verdict.problems() == ["b.md: [[别名]] is an alias of a.md, not a name"]
    assert json.loads(verdict.text)["unresolved"] == {"别名": ["b.md"]}


def test_property_of_two_types_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a="---\nduration: 217\n---\n", b='---\nduration: "3:37"\n---\n')

    verdict = judge("vault_judge.mjs", tmp_path)

    found = ["(vault): property duration has several types: number,text"]
    assert verdict.problems() == found


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ('graph TD\n  F -- "被拒" -- > H["Google / 小公司"];', "Lexical error"),
        ('flowchart TD\n  n1["<img src=https://t.example/p.png>"]', "active content"),
        ('flowchart TD\n  n1["x"]\n  click n1 "https://t.example"', "active content"),
        ("%%{init: x}\nflowchart TD\n  n1[x]", "No diagram type"),
        ("flowchart TD", "nothing is drawn"),
        ("flowchart TD\n  subgraph n1\n    n1[x]\n  end", "cycle"),
        (f'flowchart TD\n  n1["x"]\n%% {"x" * 50_000}', "more than 50000"),
    ],
    ids=["old record", "picture", "click", "init", "empty", "own parent", "too long"],
)
def test_bad_diagram_is_refused_by_both_versions(
    tmp_path: Path, source: str, error: str
) -> None:
    verdicts = draw(tmp_path, source)

    assert [verdict["mermaid"] for verdict in verdicts] == VERSIONS
    assert [verdict["ok"] for verdict in verdicts] == [False, False]
    assert all(error in verdict["error"] for verdict in verdicts)


def test_list_in_a_label_is_refused_by_the_older_version(tmp_path: Path) -> None:
    verdicts = draw(tmp_path, 'flowchart TD\n  n1["1. 一"]')

    assert [verdict["ok"] for verdict in verdicts] == [True, False]


def test_diagram_in_a_callout_of_a_note_is_found_and_read(tmp_path: Path) -> None:
    quoted = '> [!note]-\n> ```mermaid\n> flowchart TD\n>   n1["开头"]\n> ```\n'
    write(tmp_path, note=f"---\na: 1\n---\n{quoted}")

    verdicts = judge("mermaid_check.mjs", tmp_path).lines()

    assert [verdict["line"] for verdict in verdicts] == [6, 6]
    assert [verdict["labels"] for verdict in verdicts] == [{"n1": "开头"}] * 2


# ---- the demo's vault: what a user gets --------------------------------------


@pytest.fixture(scope="session")
def demo_vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Run `vaultscribe demo`, with a home of its own, into a fresh folder."""
    home = tmp_path_factory.mktemp("home")
    vault = tmp_path_factory.mktemp("demo") / "vault"
    own = {"HOME": str(home)} | {
        f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "STATE", "DATA")
    }
    done = subprocess.run(
        [sys.executable, "-m", "vaultscribe", "demo", str(vault)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | own,
        timeout=180,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    yield vault
    shutil.rmtree(vault)


def test_demo_vault_is_as_obsidian_wants_it(demo_vault: Path) -> None:
    verdict = judge("vault_judge.mjs", demo_vault)

    assert verdict.problems() == []
    assert json.loads(verdict.text)["unresolved"] == {}
    assert json.loads(verdict.text)["notes"] > 2


def test_demo_notes_are_linked(demo_vault: Path) -> None:
    edges = json.loads(judge("vault_judge.mjs", demo_vault).text)["edges"]

    between = [edge for edge in edges if "Inbox.md" not in edge]
    assert len(between) >= 1


def test_diagrams_of_the_demo_are_drawn_by_both_versions(demo_vault: Path) -> None:
    verdicts = judge("mermaid_check.mjs", demo_vault).lines()

    assert {verdict["mermaid"] for verdict in verdicts} == set(VERSIONS)
    assert [verdict for verdict in verdicts if not verdict["ok"]] == []


# ---- hostile labels ----------------------------------------------------------

LABEL_BITS = [
    '"', "'", "`", "``", "[", "]", "[[x]]", "(", ")", "((x))", "{", "}", "{{", "}}",
    "end", "End", "subgraph", "graph", "flowchart TD", "--", "-->", "-- >", "---",
    "==>", "-.->", "%%", "%%{init: {}}%%", "%", "click n1 call alert(1)", "style",
    "class", "href", "<img src=https://t.example/p.png>", "<br/>", "<b>", "</div>",
    "<script>alert(1)</script>", "&lt;", "&amp;", "&", "#quot;", "#35;", "#", "##",
    ";", ":", "::", ":::", "|", "||", "\\", "\\n", "/", "//", "https://t.example/a_b",
    "1. x", "2) y", "- x", "+ x", "* x", "> x", "# x", "*", "**x**", "_x_", "a_b",
    "~~x~~", "$x$", "$$", "@{ shape: x }", "^", "~", "=", "?", "!", ",", ".", "o--o",
    "中文，标点。", "“引号”", "：", "　", "é", "😀", "👨‍👩‍👧", "\n", "\t", " ",
    "x", "7", "1.", "0)", "-- -", "- - -", "style x:", "www.a.example", "a@b.example",
    "mailto:a@b.example", "fa:fa-car",
]  # fmt: skip
SHAPES: list[Shape] = ["step", "turn", "outcome"]


def hostile(dice: Random, bits: list[str], longest: int) -> str:
    """Join up to *longest* of *bits*, some with a blank between them."""
    chosen = dice.choices(bits, k=dice.randint(1, longest))
    return "".join(bit + dice.choice(["", "", " "]) for bit in chosen)


def hostile_diagrams(count: int) -> list[Diagram]:
    dice = Random(20251124)  # noqa: S311 - hostile, not secret
    return [hostile_diagram(dice, dice.randint(1, 6)) for _ in range(count)]


def hostile_diagram(dice: Random, size: int) -> Diagram:
    nodes = [
        Node(id=i, label=hostile(dice, LABEL_BITS, 8), shape=dice.choice(SHAPES))
        for i in range(size)
    ]
    edges = [Edge(i, i + 1, hostile(dice, LABEL_BITS, 3)) for i in range(size - 1)]
    return Diagram(tuple(nodes), tuple(edges))


def shown(text: str, limit: int) -> str:
    """Tell what a reader shall see of a label of at most *limit* characters."""
    text = visible(text)
    return alike(text if len(text) <= limit else text[: limit - 1] + "…")


def alike(text: str) -> str:
    """Forget the differences between a sign and the one that we draw for it.

    Mermaid has no escape for them: brackets, `://`, and the signs that make 11.4.1
    take a label for a list, a rule or a link.
    """
    text = unicodedata.normalize("NFKC", visible(text))
    text = re.sub(r"^(\d+)[.)、]", r"\1.", re.sub(r"^[-+*·]", "-", text))
    return text.translate(str.maketrans("∕—", "/-", " "))


def visible(text: str) -> str:
    """Fold blanks, and drop what cannot be seen, by the rules of Unicode."""
    shown = [
        char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs")
        if char not in HIDDEN
    ]
    return " ".join("".join(shown).split())


HIDDEN = set("\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Odd line ends, BOM and marks that turn the direction of the text."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    sources = [mermaid(diagram) for diagram in hostile_diagrams(300)]
    return draw(tmp_path_factory.mktemp("diagrams"), *sources)


def test_hostile_labels_never_break_a_diagram(drawn: list[dict[str, Any]]) -> None:
    refused = [verdict for verdict in drawn if not verdict["ok"]]

    assert len(drawn) == 600
    assert refused == []


def test_hostile_labels_are_drawn_as_they_were(drawn: list[dict[str, Any]]) -> None:
    wanted = [
        {
            f"n{i}": shown(node.label, neutralise.LABEL_LIMIT) or alike("·")
            for i, node in enumerate(diagram.nodes, start=1)
        }
        for diagram in hostile_diagrams(300)
        for _ in VERSIONS
    ]

    found = [
        {name: alike(label) for name, label in verdict["labels"].items()}
        for verdict in drawn
    ]

    assert different(found, wanted) == []


def test_hostile_words_on_arrows_are_drawn_as_they_were(
    drawn: list[dict[str, Any]],
) -> None:
    wanted = [
        sorted(filter(None, (shown(edge.word, WORD_LIMIT) for edge in diagram.edges)))
        for diagram in hostile_diagrams(300)
        for _ in VERSIONS
    ]

    found = [sorted(map(alike, verdict["words"])) for verdict in drawn]

    assert different(found, wanted) == []


def different(found: list[Any], wanted: list[Any]) -> list[tuple[Any, Any]]:
    return [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]]
