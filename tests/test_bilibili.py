"""The film of an old record, made again: what came out then, and what comes out now.

The real BiliBili extractor reads a loopback site; the captions are the old record's
transcript, cut over the film's 3:37; the model is a loopback server that gives the
old record's points, with moments from the segments that it was sent.
"""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

import bilibili_site
from golden import compare
from llm_server import Heard, LlmServer
from loopnet import Site, environment
from program import Program
from vaultscribe.core.properties import read

HERE = Path(__file__).parent
OLD = (HERE / "data/records/old-record-000.txt").read_text(encoding="utf-8")

CORE = (
    "一个数学差、二本院校毕业的印度青年，经历十二年里学校、公司和签证的一次次拒绝，"
    "凭着再试一次的坚持，最终带领小团队造出 PyTorch。"
)
VIEW = (
    "真正的成功并非源于天赋，而是源于在无数次被拒绝和否定后，依然选择“再试一次”的坚韧。"
)
STORY = [
    # what the old record says, the words of the film that say it, the stage
    ("数学成绩差，毕业于印度一所被视为“二本”的院校。", "二本院校", 0),
    ("申请12所美国名校研究生，全部被拒。", "申请12所", 0),
    ("持访问学者签证前往卡内基梅隆大学，主动创造机会。", "访问学者签证", 1),
    ("被DeepMind、谷歌等拒绝，唯一的录用是测试岗位。", "测试工程师", 0),
    ("开发出当时全球最快的手机AI推理引擎之一。", "手机AI推力引擎", 1),
    ("写邮件给杨立昆，获得进入Facebook AI研究院的机会。", "入场券", 1),
    ("入职初期就解决了连资深工程师都头疼的技术难题。", "训练问题难住了", 2),
    ("带领三个人的小团队开发PyTorch。", "三个人的小团队", 2),
    ("PyTorch因内部斗争险些被终止，2017年成功发布。", "2017年推出", 2),
]
STAGES = [
    "早期困境：学术与求职的屡屡碰壁",
    "关键转折：在逆境中坚持与积累",
    "逆袭高光：从职场新人到PyTorch之父",
]


def reply(request: dict[str, Any], segments: list[Heard]) -> dict[str, Any]:
    """Answer with the old record's own points where the segments bear them out."""
    del request
    points = [(text, stage, bearer(words, segments)) for text, words, stage in STORY]
    firsts = [next(n for _, s, n in points if s == stage) for stage in range(3)]
    return {
        "core": CORE,
        "view": VIEW,
        "points": [{"text": text, "segment": n} for text, _, n in points],
        "sections": [
            {"title": title, "text": "", "segment": first}
            for title, first in zip(STAGES, firsts, strict=True)
        ],
        "nodes": [
            {"id": "a", "label": "学业背景普通（数学差、二本院校）", "shape": "step"},
            {"id": "b", "label": "申请12所美国大学", "shape": "step"},
            {"id": "c", "label": "访问学者：卡内基梅隆大学", "shape": "turn"},
            {"id": "d", "label": "开发出顶尖AI推理引擎", "shape": "step"},
            {"id": "e", "label": "加入Facebook FAIR实验室", "shape": "turn"},
            {"id": "f", "label": "PyTorch成功发布 (2017)", "shape": "outcome"},
        ],
        "edges": [
            {"source": "a", "target": "b", "word": "申请"},
            {"source": "b", "target": "c", "word": "全部被拒 -- >"},
            {"source": "c", "target": "d", "word": "坚持"},
            {"source": "d", "target": "e", "word": "写邮件"},
            {"source": "e", "target": "f", "word": "险些被砍"},
        ],
        "tags": ["人工智能/PyTorch", "坚韧"],
        "people": ["Soumith Chintala", "杨立昆"],
    }


def bearer(words: str, segments: list[Heard]) -> int:
    """Find the segment in which *words* begin, though they may run into the next."""
    spoken = [segment.text.replace(" ", "") for segment in segments]
    at = "".join(spoken).index(words.replace(" ", ""))
    ends = itertools.accumulate(len(text) for text in spoken)
    return next(s.number for s, end in zip(segments, ends, strict=True) if at < end)


def captions(step_s: float = 2.5) -> list[tuple[float, float, str]]:
    """Cut the old record's transcript into captions over the whole film."""
    words = re.findall(r"[A-Za-z0-9]+ ?|.", OLD.split("\nContent:\n")[1].strip())
    count = int(bilibili_site.DURATION_S / step_s)
    size = len(words) / count
    cuts = [words[round(n * size) : round((n + 1) * size)] for n in range(count)]
    return [
        (n * step_s, (n + 1) * step_s, "".join(each)) for n, each in enumerate(cuts)
    ]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("bilibili")
    with Site() as site, LlmServer("right", model="deepseek-chat", reply=reply) as llm:
        bilibili_site.play(site, captions())
        made = Program(
            folder,
            f'[llm]\nbase_url = "{llm.base_url}"\nmodel = "deepseek-chat"\n',
            environment(site),
        )
        made.drop("- [ ] https://b23.tv/0C9FMgg #career how did he get into FAIR?")
        finished = made.run("run")
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert "how did he get into FAIR?" in llm.questions[0].prompt
    return made


@pytest.fixture(scope="module")
def note(program: Program) -> str:
    [file] = program.notes()
    return file.read_text(encoding="utf-8")


def test_the_note_is_as_it_should_be(note: str, request: pytest.FixtureRequest) -> None:
    stamped = re.sub(r"(?m)^timestamp: .*", "timestamp: 2025-11-24T07:45:14", note)

    compare(stamped, HERE / "data/notes/bilibili.md", request)


def test_the_line_is_ticked_with_the_note(program: Program) -> None:
    [line] = program.lines()
    assert line == (
        "- [x] https://b23.tv/0C9FMgg #career how did he get into FAIR?"
        " → [[所有取得成功的人，背后都有你看不到的挣扎 BV1sQUwBKEmg]]"
    )


def test_the_short_link_became_the_canonical_address_and_id(note: str) -> None:
    properties = read(note)

    assert properties["url"] == "https://www.bilibili.com/video/BV1sQUwBKEmg"
    assert properties["id"] == "bilibili:115596091988925_part1"


def test_no_chatter_and_no_tags_of_another_language_are_left(note: str) -> None:
    assert "好的，这是根据" not in note
    assert "Mermaid_Diagram" not in note


def test_every_point_ends_in_a_moment_of_the_film(note: str) -> None:
    points = re.search(r"## 要点\n\n(.*?\n)\n", note, re.DOTALL)

    assert points
    moments = re.findall(
        r"\[0[0-3]:\d\d\]\(https://.*[?&]t=(\d+)\)$", points[1], re.MULTILINE
    )
    assert len(moments) == len(STORY)
    assert [int(m) for m in moments] == sorted(int(m) for m in moments)
    assert int(moments[-1]) < bilibili_site.DURATION_S


def test_the_transcript_is_folded_and_whole(note: str) -> None:
    folded = note.split("> [!quote]- ")[1]
    shown = re.sub(r"\[\d\d:\d\d\]\(\S+\)|\\|\s|^> ?", "", folded, flags=re.MULTILINE)

    said = re.sub(r"\s", "", "".join(text for _, _, text in captions()))
    assert said in shown.replace(">", "")
