"""A site's word on a work, which may be anything, as Media."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.codec import decode, encode
from vaultscribe.core.info import count, entries, media
from vaultscribe.core.model import Media, Work

WORK = Work("url:https://e.org/a", "https://e.org/a")


def offer(language: str, **more: str) -> list[dict[str, str]]:
    return [
        {"ext": "ttml", "url": f"https://e.org/{language}.ttml"},
        {"ext": "vtt", "url": f"https://e.org/{language}.vtt"},
        {"ext": "json3", "url": f"https://e.org/{language}.json3", **more},
    ]


def languages(wanted: str = "", /, **info: Any) -> list[str]:
    return [track.language for track in media(WORK, info, wanted).tracks]


def test_the_spoken_language_comes_before_a_translation_by_people() -> None:
    written, heard = {"de": offer("de")}, {"en-orig": offer("en"), "fr": offer("fr")}

    assert languages(subtitles=written, automatic_captions=heard) == ["en-orig", "de"]


def test_what_people_wrote_comes_before_what_a_machine_heard() -> None:
    info = {"subtitles": {"en": offer("en")}, "automatic_captions": {"en": offer("a")}}

    tracks = media(WORK, info | {"language": "en-US"}).tracks

    assert [track.origin for track in tracks] == ["captions", "platform-ai"]
    assert [track.format for track in tracks] == ["json3", "json3"]


def test_bilibilis_machine_is_not_people() -> None:
    subtitles = {"ai-en": offer("ai-en"), "ai-zh": offer("ai-zh"), "zh-CN": offer("zh")}

    assert languages(title="所有的人", subtitles=subtitles) == ["zh-CN", "ai-zh"]


def test_the_language_asked_for_comes_first() -> None:
    subtitles = {"en": offer("en"), "zh-Hans": offer("zh")}

    assert languages("zh", language="en", subtitles=subtitles) == ["zh-Hans", "en"]


def test_translations_chatter_and_unreadable_captions_are_left_out() -> None:
    subtitles = {
        "live_chat": offer("chat"),
        "danmaku": offer("danmaku"),
        "en": [{"ext": "ttml", "url": "https://e.org/a.ttml"}],
        "fr": [
            {"ext": "vtt", "url": "https://e.org/a.m3u8", "protocol": "m3u8_native"}
        ],
        "it": [{"ext": "vtt", "url": "file:///etc/passwd"}],
    }
    heard = {"de": [{"ext": "vtt", "url": "https://e.org/?lang=en&tlang=de"}]}

    assert languages(subtitles=subtitles, automatic_captions=heard) == []


@pytest.mark.parametrize(
    ("key", "id_", "title", "expected"),
    [
        ("BiliBili", "BV1_p1", "Course p01 Hello", "Course"),
        ("BiliBili", "BV1_p2", "Course p02 Hello", "Course P2 Hello"),
        ("BiliBili", "BV1_p1", "Course p01 ", "Course"),
        ("BiliBili", "BV1", "My p01 phone", "My p01 phone"),
        ("HTML5MediaEmbed", "a-1", "A talk (1)", "A talk"),
        ("Youtube", "x_p1", "A talk (1)", "A talk (1)"),
        ("Generic", "x", " \u202e\n\x00 ", "e.org/a"),
    ],
)
def test_only_what_yt_dlp_added_to_a_title_is_taken_off(
    key: str, id_: str, title: str, expected: str
) -> None:
    info = {"extractor_key": key, "id": id_, "title": title}

    assert media(WORK, info).title == expected


def test_untitled_chapters_and_wrong_days_are_left_out() -> None:
    chapters = [
        {"start_time": 0, "title": "<Untitled Chapter 1>"},
        {"title": "no time"},
    ]
    info = {"chapters": [*chapters, {"start_time": 3, "title": "b"}]}

    found = media(WORK, info | {"upload_date": "20261399"})

    assert [(c.start_s, c.title) for c in found.chapters] == [(3.0, "b")]
    assert found.published == ""


def test_a_long_list_is_counted_beyond_what_was_read() -> None:
    info = {"_type": "playlist", "entries": [{}, None, {}], "playlist_count": 4096}

    assert (len(entries(info)), count(info)) == (2, 4096)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"series": "A show\n", "playlist_title": "b", "playlist_count": 9}, "A show"),
        ({"id": "BV1_p2", "extractor_key": "BiliBili", "title": "X p02 y"}, "X"),
        ({"id": "BV1_p1", "extractor_key": "BiliBili", "title": "X p01 "}, "X"),
        ({"id": "BV1_p1", "extractor_key": "BiliBili", "title": "X"}, ""),
        ({"id": "x_p2", "extractor_key": "Youtube", "title": "X p02 y"}, ""),
        ({"playlist_title": "A list", "playlist_count": 2}, "A list"),
        ({"playlist_title": "The page of one player", "playlist_count": 1}, ""),
        ({"playlist_title": "Nobody knows how long"}, ""),
        ({"series": "a" * 9000}, "a" * 200),
        ({"series": ["a"]}, ""),
    ],
)
def test_a_work_is_part_of_a_series_only_where_there_are_more(
    info: dict[str, Any], expected: str
) -> None:
    assert media(WORK, info).series == expected


def picture(name: str, width: object = None) -> dict[str, object]:
    return {"url": f"https://e.org/{name}.jpg", "width": width}


@pytest.mark.parametrize(
    ("thumbnails", "expected"),
    [
        ([picture("s", 168), picture("l", 1280), picture("m", 640)], "m"),
        ([picture("exact", 480), picture("l", 1280)], "exact"),
        ([picture("s", 168), picture("guessed")], "best"),
        ([picture("odd", "640"), picture("wrong", 640.5)], "best"),
        ([{"url": "file:///etc/passwd", "width": 640}], "best"),
        ([{"url": "https://e.org/a b.jpg", "width": 640}], "best"),
        ([{"url": f"https://e.org/{'a' * 3000}", "width": 640}], "best"),
        ("nonsense", "best"),
    ],
)
def test_the_cover_is_the_smallest_picture_that_is_wide_enough(
    thumbnails: object, expected: str
) -> None:
    info = {"thumbnails": thumbnails, "thumbnail": "https://e.org/best.jpg"}

    assert media(WORK, info).cover == f"https://e.org/{expected}.jpg"


@pytest.mark.parametrize("url", ["", None, "file:///a", "data:image/png;base64,AA", 3])
def test_a_cover_that_is_not_on_the_web_is_none(url: object) -> None:
    assert media(WORK, {"thumbnail": url}).cover == ""


KEYS = st.sampled_from(
    [
        "thumbnail",
        "thumbnails",
        "width",
        "series",
        "playlist_title",
        "title",
        "duration",
        "channel",
        "uploader",
        "upload_date",
        "language",
        "description",
        "tags",
        "chapters",
        "subtitles",
        "automatic_captions",
        "extractor_key",
        "id",
        "start_time",
        "ext",
        "url",
        "data",
        "protocol",
        "en",
        "ai-zh",
        "_type",
        "entries",
        "playlist_count",
        "playlist",
        "BiliBili",
        "vtt",
        "json3",
    ]
)
TEXT = KEYS | st.text(st.characters(categories=["L", "N", "P", "Z", "Cc", "Cf", "Cs"]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


def test_half_a_surrogate_pair_in_a_track_can_be_kept() -> None:
    track = {"ext": "srt", "data": "1\n00:00:01,000 --> 00:00:02,000\na\ud800b"}

    found = media(WORK, {"subtitles": {"en": [track]}})

    assert found.tracks[0].text.endswith("ab")
    assert decode(encode(found, Media), Media) == found


@given(st.dictionaries(KEYS, ANYTHING), TEXT)
def test_any_answer_of_a_site_is_media_that_can_be_kept(
    info: dict[str, Any], language: str
) -> None:
    found = media(WORK, info, language)

    assert decode(encode(found, Media), Media) == found
    assert found.title
    assert "\n" not in found.title + found.series + found.cover
    assert count(info) >= len(entries(info))
