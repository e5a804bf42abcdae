"""Notes of all kinds before the model of Obsidian: `read_note` finds what it finds."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from vaultscribe.core.reading import read_note

pytestmark = pytest.mark.judge

HERE = Path(__file__).parent

BLOCKS = [
    "# 标题 {}",
    "## {} heading #",
    "{}",
    "{} {}\n{}",
    "- {}\n- {}",
    "- {}\n  - {}",
    "- {}\n\t- {}",
    "- [ ] {} {}",
    "1. {}\n\n   {}",
    "- x\n\n    {}",
    "> {}",
    "> {}\n> {}",
    "> [!note]- {}\n> {}",
    "> > {}\n>\n> {}",
    "```\n{}\n```",
    "```python\n{}\n\n{}\n```",
    "~~~\n{}\n~~~",
    "````\n```\n{}\n````",
    "> ```\n> {}\n> ```\n> {}",
    "- ```\n  {}\n  ```\n- {}",
    "    {}",
    "\t{}",
    "x\n    {}",
    "\n| {} | {} |\n| --- | :-: |\n| {} | b |",
    "<div>\n{}\n</div>",
    "<!-- {} -->\n{}",
    "<!--\n\n{}\n-->",
    "%%\n{}\n%%",
    "$$\n{}\n$$",
    "---",
    "***\n{}",
    "```\n{}",
]
"""A table has a blank line above: right below a quote or list markdown-it sees none."""

TEXTS = [
    "#tag",
    "#标签/子",
    "#成功，他说。 然后",
    "#123",
    "#1a",
    "#Tag",
    "C#语言",
    "a#b",
    "#a#b",
    "\\#no",
    "(#in)",
    "，#后",
    "[[Note]]",
    "[[文件夹/笔记|文字]]",
    "[[A#h|t]]",
    "[[#self]]",
    "![[p.png]]",
    "[[a]b]]",
    "\\[[no]]",
    "\\[\\[#real",
    "[[a\nb]]",
    "[x](note.md)",
    "[中](a%20b.md)",
    "![p](pic.png)",
    "[#x](https://a.b/c)",
    "[a [b](c.md) d](e.md)",
    "<https://a.b/[[c]]>",
    "https://a.b/c#d",
    "`#code`",
    "`[[code]]`",
    "``a ` #b``",
    "`",
    "%% #hidden [[secret]] %%",
    "<!-- #gone -->",
    "<b>#bold</b>",
    "**#strong**",
    "==#mark==",
    "~~#del~~",
    "_#em_",
    "$#math$",
    "$$[[math]]$$",
    "$5 and $6",
    "100%",
    "&amp;#x",
    "word",
    "一些 中文",
    "a_b",
    "x < y",
    "[x] (no.md)",
    "[[B]][[C]]",
    "#c-d_e",
    "#😀",
    "*",
    "]",
    "\\",
]
"""No `[` alone: behind one, markdown-it takes code for text (its scan is cached)."""

PROPERTIES = [
    "tags: [a, b/c]",
    "tags:\n  - 中文\n  - '#x'\n  - 12\n  - a b",
    "tags: one",
    "tags: a, b",
    "Tags: [T]",
    "tags:",
    "tag: dead",
    "title: '#no'",
    'up: "[[Up#h|t]]"',
    "up: [[Up]]",
    "list:\n  - '[[L]]'\n  - 'x [[no]]'",
    "a: b: c",
    "up: '[[A]] [[B]]'",
    "date: 2024-01-01",
    "nested:\n  deep: '[[Deep]]'",
    "x: 1\nx: 2",
    "# comment",
    'quoted: "a\\"b [[no]]"',
    "n: ' [[Blank]] '",
]


def notes(count: int) -> list[str]:
    dice = Random(1866)  # noqa: S311 - a sample, not a secret
    return [note(dice) for _ in range(count)]


def note(dice: Random) -> str:
    blocks = [filled(dice, dice.choice(BLOCKS)) for _ in range(dice.randint(1, 5))]
    body = dice.choice(["\n\n", "\n\n", "\n"]).join(blocks) + "\n"
    lines = dice.sample(PROPERTIES, dice.randint(0, 3))
    # Not an empty block: the model takes the next rule of the body for its end.
    return "\n".join(["---", *lines, "---", body]) if lines else body


def filled(dice: Random, block: str) -> str:
    texts = [" ".join(dice.choices(TEXTS, k=dice.randint(1, 4))) for _ in range(4)]
    return block.format(*texts)


def verdicts(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    if not (shutil.which("node") and (HERE / "node_modules").is_dir()):
        pytest.fail("the judges are not installed: run `make judge`")
    path = folder / "notes.jsonl"
    path.write_text("\n".join(map(json.dumps, texts)), encoding="utf-8")
    done = subprocess.run(
        ["node", str(HERE / "reading_judge.mjs"), str(path)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=os.environ | {"NODE_NO_WARNINGS": "1"},
        timeout=300,
    )
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def test_notes_hold_the_tags_and_links_that_obsidian_sees(tmp_path: Path) -> None:
    texts = notes(3000)
    wanted = [
        (text, folded(verdict["tags"]), set(verdict["links"]))
        for text, verdict in zip(texts, verdicts(tmp_path, texts), strict=True)
    ]

    found = [
        (text, folded(reading.tags), set(reading.links))
        for text, reading in zip(texts, map(read_note, texts), strict=True)
    ]

    assert [
        pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]
    ] == []


def folded(tags: Any) -> set[str]:
    return {tag.casefold() for tag in tags}
