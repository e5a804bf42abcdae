"""A synthetic vault: always the same notes, mixed as those of a person are."""

from pathlib import Path
from random import Random

ENGLISH = """
the model learns from every note it reads and people keep what they find worth keeping
while old ideas come back in new places with other names to be tried once more
""".split()  # noqa: SIM905 - a text is easier to read than a list of its words
CHINESE = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主"
TOPICS = [
    "ai",
    "人工智能/PyTorch",
    "career",
    "坚韧",
    "projects/2024",
    "读书",
    "todo",
    "家",
]
"""Tags that many notes carry; as many notes again carry one of the rarer ones."""
FOLDERS = ["", "Videos", "Daily/2021", "Daily/2022", "读书/小说", "projects/garden/old"]
PER_FOLDER = 200
"""Notes in a folder; more of them go into folders of their own."""

FILM = """\
---
title: "{title}"
aliases:
  - "{title}"
url: https://www.bilibili.com/video/{id}
id: "bilibili:{id}_part1"
timestamp: 2025-11-24T07:45:14
status: success
duration: "{minutes}:37"
duration_seconds: {seconds}
channel: {channel}
published: 2025-11-20
language: zh
transcript: captions
summary: deepseek-chat
tags:
{tags}
people:
  - "Person {someone}"
  - 杨立昆
related:
  - "[[{link}]]"
---

> [!abstract] 核心思想
> {words}

## 要点

{points}

## 概念图

```mermaid
flowchart TD
    n1["开头 #quot;一#quot;"]
    n2{{{{"访问学者"}}}}
    n1 -->|"申请 \\#1"| n2
```

## 我的笔记


> [!quote]- 字幕 · captions · {minutes}:37
{transcript}
"""


def make_vault(folder: Path, count: int) -> None:
    """Write *count* notes, always the same ones, mixed as a person's are."""
    dice = Random(20251124)  # noqa: S311 - a sample, not a secret
    for number in range(count):
        kind = dice.choices([_film, _own, _bare, _code], [30, 40, 20, 10])[0]
        place = folder / dice.choice(FOLDERS)
        if count > PER_FOLDER:
            place /= f"part {dice.randrange(count // PER_FOLDER)}"
        place.mkdir(parents=True, exist_ok=True)
        file = place / f"{_name(number)}.md"
        file.write_text(kind(dice, number, count), encoding="utf-8")


def tags(dice: Random, number: int, count: int) -> list[str]:
    """Choose *number* tags of a vault of *count* notes: common ones, and rare ones."""
    rare = f"topic-{dice.randrange(max(10, count // 10))}"
    return [*dice.sample(TOPICS, number - 1), rare]


def _name(number: int) -> str:
    return f"笔记 {number}" if number % 3 == 0 else f"Note {number}"


def _words(dice: Random, count: int) -> str:
    if dice.random() < 0.5:  # noqa: PLR2004 - half of them
        return "".join(dice.choices(CHINESE, k=count * 2)) + "。"
    return " ".join(dice.choices(ENGLISH, k=count)) + "."


def _film(dice: Random, number: int, count: int) -> str:
    address = f"https://www.bilibili.com/video/BV{number:010}?t="
    points = range(dice.randint(4, 10))
    parts = range(dice.randint(3, 30))
    return FILM.format(
        title=f"{_name(number)}: {_words(dice, 5)}",
        id=f"BV{number:010}",
        minutes=dice.randint(1, 59),
        seconds=dice.randint(60, 3600),
        channel=_words(dice, 2),
        tags="\n".join(f"  - {tag}" for tag in tags(dice, 3, count)),
        someone=dice.randrange(max(5, count // 5)),
        link=_name(dice.randrange(count)),
        words=_words(dice, 40),
        points="\n".join(f"- {_words(dice, 9)} [00:20]({address}{n})" for n in points),
        transcript="\n>\n".join(
            f"> [00:{n:02}]({address}{n}) {_words(dice, 120)}" for n in parts
        ),
    )


def _own(dice: Random, number: int, count: int) -> str:
    lines = [
        f"created: 20{dice.randint(14, 25)}-03-0{dice.randint(1, 9)}",
        f"tags: [{', '.join(tags(dice, 2, count))}]",
        f"aliases:\n  - {_words(dice, 2)}",
        f"rating: {dice.randint(1, 5)}",
        'up: "[[Note 1]]"',
        "done: false",
    ]
    properties = "\n".join(dice.sample(lines, dice.randint(2, 6)))
    return f"---\n{properties}\n---\n{_bare(dice, number, count)}"


def _bare(dice: Random, number: int, count: int) -> str:
    paragraphs = [
        f"{_words(dice, 30)} #{dice.choice(TOPICS)} [[{_name(dice.randrange(count))}]]"
        f" {_words(dice, 10)}\n\n- [[{_name(dice.randrange(count))}|so]]\n- [ ] do"
        for _ in range(dice.randint(1, 6))
    ]
    return f"# {_name(number)}\n\n" + "\n\n".join(paragraphs) + "\n"


def _code(dice: Random, number: int, count: int) -> str:
    code = "```python\n# no tag\nprint('[[no link]]')  #neither\n```\n"
    return f"{_own(dice, number, count)}\n{code}\nSee `x[[0]]` and [it](Note%201.md).\n"
