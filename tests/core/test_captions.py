"""Captions files from outside: each word once, in time, or refused."""

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.captions import (
    MAX_SIZE,
    language_code,
    merge,
    parse,
    speech_language,
)
from vaultscribe.core.errors import PermanentError
from vaultscribe.core.model import Segment

ROLLING_VTT = """WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
 \n\
hello<00:00:00.320><c> this</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
hello this
 \n\

00:00:02.010 --> 00:00:05.000 align:start position:0%
hello this
is<00:00:02.300><c> heard</c>

00:00:05.000 --> 00:00:05.010 align:start position:0%
is heard
 \n\

00:00:05.010 --> 00:00:06.000 align:start position:0%
is heard
yes
"""
"""Shape of YouTube's own captions, as downloaded by yt-dlp 2026.10.26."""

ROLLING_SRT = """1
00:00:00,000 --> 00:00:02,000
hello this

2
00:00:02,000 --> 00:00:05,000
hello this
is heard

3
00:00:05,000 --> 00:00:06,000
is heard
yes
"""

SAID = (
    Segment(0.0, 2.0, "hello this"),
    Segment(2.01, 5.0, "is heard"),
    Segment(5.01, 6.0, "yes"),
)


def test_scrolling_vtt_says_each_line_once() -> None:
    assert parse(ROLLING_VTT, "vtt") == SAID


def test_scrolling_captions_turned_into_srt_say_each_line_once() -> None:
    assert [s.text for s in parse(ROLLING_SRT, "srt")] == [s.text for s in SAID]


def test_scrolling_json3_says_each_line_once_and_without_overlap() -> None:
    line = {"tStartMs": 0, "dDurationMs": 3920, "segs": [{"utf8": "a"}, {"utf8": " b"}]}
    window = {"tStartMs": 0, "dDurationMs": 9000, "id": 1}
    scroll = {"tStartMs": 2000, "aAppend": 1, "segs": [{"utf8": "\n"}]}
    after = {"tStartMs": 2010, "dDurationMs": 3000, "segs": [{"utf8": "c"}]}

    segments = parse(json.dumps({"events": [window, line, scroll, after]}), "json3")

    assert segments == (Segment(0.0, 2.01, "a b"), Segment(2.01, 5.01, "c"))


def test_a_line_sung_twice_is_kept_twice() -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,000\nla\n\n2\n00:00:04,000 --> 00:00:05,000\nla"

    assert [s.text for s in parse(srt, "srt")] == ["la", "la"]


def test_vtt_with_notes_styles_names_and_settings_keeps_only_speech() -> None:
    vtt = (
        "\ufeffWEBVTT\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nNOTE a --> b\r\n\r\n"
        "intro\r\n01:02.500 --> 01:04.000 line:0\r\n<v Ada>Tom &amp; <i>Jo</i>\r\n"
        "said &lt;b&gt;so\u200b\u202e\x07\r\n"
    )

    assert parse(vtt, "vtt") == (Segment(62.5, 64.0, "Tom & Jo said so"),)


def test_srt_without_blank_lines_does_not_speak_its_numbers() -> None:
    srt = (
        "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}你好\n"
        "2\n00:00:02,000 --> 00:00:03,000\n世界\n"
    )

    assert [s.text for s in parse(srt, "srt")] == ["你好", "世界"]


def test_cues_out_of_order_are_told_in_time() -> None:
    vtt = "WEBVTT\n\n00:09.000 --> 00:08.000\nlater\n\n00:01.000 --> 00:20.000\nfirst\n"

    assert parse(vtt, "vtt") == (Segment(1.0, 9.0, "first"), Segment(9.0, 9.0, "later"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "vtt"),
        ("<!doctype html><title>Sorry</title>", "vtt"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<b></b>\n", "vtt"),
        ("just words", "srt"),
        ("{", "json3"),
        ("[" * 100_000, "json3"),
        ("[]", "json3"),
        ('{"events": {"a": 1}}', "json3"),
        ('{"events": [{"segs": [{"utf8": 7}, 3]}, 4, {"segs": 5}]}', "json3"),
        ('{"events": [{"tStartMs": "x", "segs": [{"utf8": "a"}]}]}', "json3"),
        ('{"events": [{"tStartMs": 1e999, "segs": [{"utf8": "a"}]}]}', "json3"),
        ('{"events": [{"tStartMs": NaN, "segs": [{"utf8": "a"}]}]}', "json3"),
        (ROLLING_VTT, "ttml"),
        ("WEBVTT\n" + " " * MAX_SIZE, "vtt"),
    ],
)
def test_garbage_is_not_captions(text: str, kind: str) -> None:
    with pytest.raises(PermanentError, match=r"^what was sent .*captions"):
        parse(text, kind)


ATTACKS = ["<", "<a", "&#1", "00:", "--> ", "{\\", " ", "a\n"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_megabyte_of_anything_is_read_in_linear_time(attack: str) -> None:
    text = "a " + attack * (1_000_000 // len(attack))
    start_s = time.process_time()

    parse(json.dumps({"events": [{"segs": [{"utf8": text[:300_000]}]}]}), "json3")
    parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}", "vtt")

    assert time.process_time() - start_s < 5  # a quadratic one takes minutes


def test_an_entity_of_thousands_of_digits_does_not_stop_the_file() -> None:
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\na &#" + "9" * 5_000 + "; b\n"

    assert parse(vtt, "vtt")[0].text.startswith("a 999")


def test_cues_are_joined_to_sentences_that_read_well() -> None:
    cues = [Segment(3.0 * n, 3.0 * n + 3, f"part {n}") for n in range(3)]
    end = Segment(9.0, 11.0, "the end.")
    after = Segment(11.0, 12.0, "After")

    merged = merge([*cues, end, after])

    assert merged == (Segment(0.0, 11.0, "part 0 part 1 part 2 the end."), after)


def test_a_segment_ends_before_twenty_seconds_and_120_characters() -> None:
    slow = [Segment(6.0 * n, 6.0 * n + 6, "好") for n in range(9)]
    fast = [Segment(0.5 * n, 0.5 * n + 0.5, "twenty letters right") for n in range(9)]

    assert [s.end_s - s.start_s for s in merge(slow)] == [18.0, 18.0, 18.0]
    assert max(len(s.text) for s in merge(fast)) <= 120


def test_nothing_is_joined_across_a_pause() -> None:
    cues = [Segment(0.0, 1.0, "one"), Segment(3.0, 4.0, "two")]

    assert merge(cues) == tuple(cues)


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        ("你好", "世界", "你好世界"),
        ("你好，", "world", "你好，world"),
        ("hello", "world", "hello world"),
        ("用", "Python", "用 Python"),
        ("안녕", "하세요", "안녕 하세요"),
    ],
)
def test_chinese_is_joined_without_blanks(left: str, right: str, text: str) -> None:
    merged = merge([Segment(0.0, 1.0, left), Segment(1.0, 2.0, right)])

    assert merged == (Segment(0.0, 2.0, text),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("所有取得成功的人", "zh"),
        ("我们用 PyTorch 和 Python 训练模型，然后部署", "zh"),
        ("He said 你好 and went on with his talk", "en"),
        ("今日は良い天気ですね", "ja"),
        ("안녕하세요", "ko"),
        ("Добрый день", ""),
        ("123 …", ""),
        ("", ""),
    ],
)
def test_the_script_tells_the_language(text: str, code: str) -> None:
    assert speech_language(text) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zh-CN", "zh"),
        ("zh_Hant", "zh"),
        ("ai-zh", "zh"),
        ("中文（中国）", "zh"),
        ("cmn", "zh"),
        ("en-orig", "en"),
        ("en-nP7-2PuUl7o", "en"),
        ("English (US)", "en"),
        ("eng", "en"),
        ("Bengali", ""),
        ("und", ""),
        ("", ""),
    ],
)
def test_a_site_s_name_of_a_language_becomes_its_code(name: str, code: str) -> None:
    assert language_code(name) == code


LINES = st.lists(
    st.sampled_from(["WEBVTT", "", " ", "1", "00:01.000 --> 00:02.000", "hello"])
    | st.sampled_from(["00:00:05,000 --> 00:00:04,000", "a<00:00:01.000><c>b</c>"])
    | st.text(max_size=8)
).map("\n".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["events", "segs", "utf8", "tStartMs", "dDurationMs"]),
            inner,
        )
    ),
    max_leaves=12,
)
EVENTS = st.lists(JSON, max_size=4).map(lambda events: json.dumps({"events": events}))


@given(LINES | EVENTS | JSON.map(json.dumps), st.sampled_from(["json3", "vtt", "srt"]))
def test_any_file_is_told_in_order_of_time_or_refused(text: str, kind: str) -> None:
    try:
        segments = parse(text, kind)
    except PermanentError:
        segments = ()

    _assert_in_order(segments)
    _assert_in_order(merge(segments))


CUES = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 30), st.text("a。好 ")))


@given(CUES)
def test_joining_loses_no_word(cues: list[tuple[int, int, str]]) -> None:
    segments = [Segment(float(a), float(a + b), text) for a, b, text in sorted(cues)]

    said = "".join(segment.text for segment in merge(segments))

    assert said.replace(" ", "") == "".join(s.text for s in segments).replace(" ", "")


def _assert_in_order(segments: tuple[Segment, ...]) -> None:
    assert all(s.end_s >= s.start_s >= 0 for s in segments)
    assert all(a.start_s <= b.start_s for a, b in pairwise(segments))
    assert all(a.end_s <= b.start_s for a, b in pairwise(segments))
    assert all(s.text.isprintable() for s in segments if s.text.isascii())
