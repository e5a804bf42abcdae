"""Notes to look at, and the browser that looks at them: judge/render_note.mjs."""

import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from vaultscribe.adapters.templates import Templates
from vaultscribe.core.model import (
    Diagram,
    Edge,
    Media,
    Node,
    Point,
    Record,
    Related,
    Section,
    Segment,
    Summary,
    Transcript,
    Work,
)

JUDGES = Path(__file__).parent / "judge"

Seen = dict[str, Any]


PATIENCE_S = 300.0
"""After this long, all in all, a browser is given up."""


class Browser:
    """One Chromium for many notes; it runs between enter and exit."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            _command("render_note.mjs"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self._limit = threading.Timer(PATIENCE_S, self._process.kill)
        self._limit.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._limit.cancel()
        self._limit.join()

    def look(self, note: Path, **how: Any) -> Seen:
        """Show a note and tell what is seen; *how* is described in render_note.mjs.

        Raises:
            RuntimeError: no answer; it says why, and what to do.
        """
        job = json.dumps({"note": str(note), **how}, default=str)
        with suppress(BrokenPipeError):  # it has ended; below stands why
            print(job, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline() if self._process.stdout else ""
        if not answer:
            raise RuntimeError(self._process.communicate()[1] or "Chromium is stuck")
        seen: Seen = json.loads(answer)
        return seen


def judge_vault(vault: Path) -> dict[str, Any]:
    """Return what vault_judge.mjs says of a vault."""
    done = subprocess.run(
        _command("vault_judge.mjs", str(vault)),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict


def _command(script: str, *arguments: str) -> list[str]:
    if not (shutil.which("node") and (JUDGES / "node_modules").is_dir()):
        raise RuntimeError("the judges are not installed: run `make judge`")
    return ["node", str(JUDGES / script), *arguments]


def note(record: Record) -> str:
    """Render a note as the program does, with the templates that ship with it."""
    return Templates().render(record, record.summary.language)


def words(language: str) -> dict[str, str]:
    """Read the note's own words."""
    return tomllib.loads(Templates().text(f"words.{language}.toml"))


def make_demo(vault: Path, home: Path) -> None:
    """Run `vaultscribe demo`, with a home of its own, into *vault*."""
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
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


# ---- records -----------------------------------------------------------------

CHINESE = Record(
    media=Media(
        Work(
            "bilibili:115596091988925_part1",
            "https://www.bilibili.com/video/BV1sQUwBKEmg",
        ),
        "所有取得成功的人，背后都有你看不到的挣扎。",
        duration_s=217.0,
        channel="挣扎与光",
        published="2025-11-20",
        language="zh",
    ),
    address="https://b23.tv/0C9FMgg",
    timestamp="2025-11-24T07:45:14",
    transcript=Transcript(
        "captions",
        "zh",
        (
            Segment(0.0, 4.0, "他数学很差，"),
            Segment(4.0, 9.5, "在印度读了一所二本院校。"),
            Segment(40.0, 47.0, "他申请了 12 所大学，全部被拒。"),
            Segment(161.0, 170.0, "2017 年 PyTorch 发布。"),
        ),
    ),
    summary=Summary(
        "deepseek-chat",
        "zh",
        core="一个数学差、二本院校毕业的青年，经历十二年里学校、公司和签证的一次次拒绝，"
        "凭着再试一次的坚持，最终带领小团队造出 PyTorch。",
        view="成功来自被拒绝之后“再试一次”。",
        points=(
            Point("数学成绩差，毕业于一所被视为“二本”的院校。", 4.0),
            Point("申请 12 所美国大学的研究生，全部被拒。", 40.0),
            Point("持访问学者签证前往卡内基梅隆大学，主动创造机会。", 52.0),
            Point("写邮件给杨立昆，获得进入 Facebook AI 研究院的机会。", 117.0),
            Point("2017 年发布 PyTorch。", 161.0),
        ),
        sections=(
            Section("早期困境", "学校和公司一次次拒绝他。", 4.0),
            Section("转折", "他不再等人给机会，而是自己去敲门。", 52.0),
            Section("逆袭", "三个人的小团队造出了世界通用的工具。", 161.0),
        ),
        diagram=Diagram(
            (
                Node(1, "二本院校，数学差"),
                Node(2, "申请 12 所大学"),
                Node(3, "访问学者：卡内基梅隆", "turn"),
                Node(4, "手机上最快的推理引擎"),
                Node(5, "写邮件给杨立昆", "turn"),
                Node(6, "加入 FAIR"),
                Node(7, "PyTorch 发布 (2017)", "outcome"),
            ),
            (
                Edge(1, 2, "想出国"),
                Edge(2, 3, "全部被拒"),
                Edge(3, 4, "自己找课题"),
                Edge(3, 5, "求职被拒"),
                Edge(4, 6, "作为凭据"),
                Edge(5, 6, "得到机会"),
                Edge(6, 7, "险些被砍"),
            ),
        ),
        people=("Soumith Chintala", "杨立昆"),
    ),
    tags=("career", "人工智能/pytorch", "坚韧"),
    related=(Related("间隔重复：怎样和遗忘做朋友", ("坚韧",)),),
)

ENGLISH = Record(
    media=Media(
        Work("youtube:jNQXAC9IVRw", "https://www.youtube.com/watch?v=jNQXAC9IVRw"),
        "Why your own words stay with you",
        duration_s=190.0,
        channel="The Little Lecture Room",
        published="2025-05-09",
        language="en",
    ),
    address="https://youtu.be/jNQXAC9IVRw",
    timestamp="2025-11-24T08:00:00",
    transcript=Transcript(
        "captions",
        "en",
        (
            Segment(1.0, 8.0, "Most notes are written once and never read again."),
            Segment(8.0, 15.0, "What you put into your own words stays with you."),
            Segment(90.0, 99.0, "A note without a link is a note that you will lose."),
            Segment(150.0, 160.0, "So write less, and connect more."),
        ),
    ),
    summary=Summary(
        "gpt-4.1-mini",
        "en",
        core="Copying feels like work but leaves nothing behind: what lasts is what one"
        " has put into one's own words and tied to something that one already knows.",
        view="Write less, in your own words, and connect more.",
        points=(
            Point("Most notes are written once and never read again.", 1.0),
            Point("Own words force one to notice what is not understood.", 8.0),
            Point("A note without a link is a note that will be lost.", 90.0),
            Point("Three connected notes are worth more than thirty copies.", 150.0),
        ),
        sections=(
            Section("The trouble with copying", "It is quick, and it is passive.", 1.0),
            Section("The generation effect", "Making an answer fixes it.", 8.0),
            Section("A web, not a pile", "Links are the paths back to a note.", 90.0),
        ),
        diagram=Diagram(
            (
                Node(1, "Copying what one hears"),
                Node(2, "Nothing is understood"),
                Node(3, "Own words", "turn"),
                Node(4, "Gaps become visible"),
                Node(5, "Links to older notes", "turn"),
                Node(6, "Many ways back"),
                Node(7, "Knowledge that stays", "outcome"),
            ),
            (
                Edge(1, 2, "feels like work"),
                Edge(2, 3, "so rather use"),
                Edge(3, 4),
                Edge(3, 5),
                Edge(4, 7, "are filled"),
                Edge(5, 6),
                Edge(6, 7),
            ),
        ),
        people=("Niklas Luhmann",),
    ),
    tags=("memory", "writing"),
    related=(Related("How often should one repeat", ("memory",)),),
)

RECORDS = {"zh": CHINESE, "en": ENGLISH}
REASONS = {
    "zh": "127.0.0.1:11434 上的服务器十分钟没有应答：它在运行吗？",
    "en": "the server at 127.0.0.1:11434 gave no answer for 10 minutes: is it running?",
}
SENTENCES = {
    "zh": "记得久的办法，是隔久一点再回想一次。",
    "en": "What one recalls after a while, one keeps for longer.",
}


def without_llm(record: Record, reason: str = "") -> Record:
    """Make of a summary what the note holds when there was no model: excerpts."""
    said = record.transcript.segments
    return replace(
        record,
        summary=Summary(
            "excerpts",
            record.summary.language,
            points=tuple(Point(segment.text, segment.start_s) for segment in said),
            reason=reason,
        ),
    )


def lengthened(record: Record) -> Record:
    """Give a record three hours of transcript, a segment every two seconds."""
    sentence = SENTENCES[record.summary.language]
    said = tuple(
        Segment(start_s, start_s + 2.0, sentence)
        for start_s in map(float, range(200, 3 * 3600, 2))
    )
    segments = record.transcript.segments + said
    return replace(
        record,
        media=replace(record.media, duration_s=3 * 3600.0),
        transcript=replace(record.transcript, segments=segments),
    )
