"""One work, one id, however its address is written."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.errors import PermanentError
from vaultscribe.core.identity import generic, identify, is_known, moment_url
from vaultscribe.core.model import Work

V = "dQw4w9WgXcQ"
YOUTUBE = Work(f"youtube:{V}", f"https://www.youtube.com/watch?v={V}")
BV = "BV1Q541167Qg"
PART_1 = Work("bilibili:455017605_part1", f"https://www.bilibili.com/video/{BV}")
PART_2 = Work("bilibili:455017605_part2", f"https://www.bilibili.com/video/{BV}?p=2")
LIST = "PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf"


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.youtube.com/watch?v={V}",
        f"http://youtube.com/watch?v={V}",
        f"HTTPS://WWW.YouTube.com/watch?v={V}",
        f"https://www.youtube.com/watch?v={V}&t=42s",
        f"https://www.youtube.com/watch?app=desktop&amp;v={V}",
        f"https://youtu.be/{V}?si=AbCdEf",
        f"https://m.youtube.com/watch?v={V}",
        f"https://music.youtube.com/watch?v={V}&list=RDAMVM{V}",
        f"https://www.youtube-nocookie.com/embed/{V}?start=10",
        f"https://www.youtube.com/shorts/{V}",
        f"https://www.youtube.com/live/{V}?feature=share",
        f"https://www.youtube.com/v/{V}",
        f"https://www.youtube.com/embed/{V}/",
        f"https://www.youtube.com/watch?v={V}&list={LIST}&index=3",
        f"https://youtu.be/{V}?list={LIST}",
        f"https://youtu.be/{V}#t=3",
        f"https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D{V}%26a%3Db",
        f"https://piped.video/watch?v={V}",
    ],
)
def test_every_shape_of_a_youtube_address_is_one_work(address: str) -> None:
    assert identify(address) == YOUTUBE


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.bilibili.com/video/{BV}",
        f"https://www.bilibili.com/video/{BV}/?spm_id_from=333.788&vd_source=abc",
        f"https://www.bilibili.com/video/{BV}?p=1",
        f"https://www.bilibili.com/video/{BV}?p=0&t=12",
        f"https://m.bilibili.com/video/{BV}?share_source=COPY",
        "https://www.bilibili.com/video/av455017605",
        f"https://bilibili.com/{BV}",
        f"https://b23.tv/{BV}",
        f"https://www.bilibili.com/list/ml123?bvid={BV}",
        f"https://player.bilibili.com/player.html?aid=455017605&bvid={BV}&cid=1",
        "https://player.bilibili.com/player.html?aid=455017605",
    ],
)
def test_every_shape_of_a_bilibili_address_is_one_work(address: str) -> None:
    assert identify(address) == PART_1


@pytest.mark.parametrize(
    "address",
    [
        f"https://www.bilibili.com/video/{BV}?p=2",
        "https://www.bilibili.com/video/av455017605/?vd_source=x&p=2",
        f"https://player.bilibili.com/player.html?bvid={BV}&page=2",
    ],
)
def test_a_part_of_a_bilibili_series_is_a_work_of_its_own(address: str) -> None:
    assert identify(address) == PART_2


@pytest.mark.parametrize(
    ("bvid", "aid"),
    # Pairs from yt-dlp's tests, the first also from the site's own explanation.
    [("BV17x411w7KC", 170001), ("BV1sQUwBKEmg", 115596091988925), (BV, 455017605)],
)
def test_bv_numbers_are_av_numbers_in_disguise(bvid: str, aid: int) -> None:
    work = Work(f"bilibili:{aid}_part1", f"https://www.bilibili.com/video/{bvid}")

    assert identify(f"https://www.bilibili.com/video/{bvid}") == work
    assert identify(f"https://www.bilibili.com/video/av{aid}") == work


def test_a_media_file_is_its_address_without_tracking_and_fragment() -> None:
    work = identify(
        "HTTP://Me:Secret@Example.COM:80/a/Talk.MP3?b=2&utm_source=x&a=1#t=3"
    )

    assert work is not None
    assert work.url == "http://example.com/a/Talk.MP3?b=2&a=1"
    assert work.id == f"url:{work.url}"


def test_an_address_is_the_same_written_in_chinese_or_in_percents() -> None:
    percents = "https://example.org/%E8%A7%86%E9%A2%91.mp4"

    assert identify("https://example.org/视频.mp4") == identify(percents)


def test_what_would_act_in_markdown_does_not_stand_in_a_url() -> None:
    work = generic("https://example.org/a(b)[c]<d>|`e`\\?q=[[f]]")

    assert not set("()[]<>|`\\") & set(work.url)


@pytest.mark.parametrize(
    "address",
    [
        "https://b23.tv/0C9FMgg",
        "https://bili2233.cn/abc123",
        f"https://www.youtube.com/playlist?list={LIST}",
        "https://www.youtube.com/@ada/videos",
        f"https://www.youtube.com/embed/videoseries?list={LIST}",
        "https://www.bilibili.com/bangumi/play/ep267851",
        "https://www.bilibili.com/video/BV1O0411l7Qg",
        "https://vimeo.com/76979871",
        "https://example.org/talk",
        f"https://example.org/watch?v={V}",
        f"https://notyoutube.com/watch?v={V}",
    ],
)
def test_only_the_site_can_tell_what_this_is(address: str) -> None:
    assert identify(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "screenshots",
        "ytsearch:foo",
        "file:///etc/passwd",
        "ftp://example.org/a.mp3",
        "javascript:alert(1)",
        "https://",
        "https:///a.mp3",
        "https://exa mple.org/a.mp3",
        "https://example.org/\nb.mp3",
        "https://[::1/a.mp3",
        "https://example.org:99999/a.mp3",
        "https://example.org/" + "a" * 9_000,
        "https://example.org/\ud800.mp3",
    ],
)
def test_what_is_not_a_web_address_is_refused_in_one_sentence(address: str) -> None:
    with pytest.raises(PermanentError, match=r"^[^\n→\[]{20,160}$"):
        identify(address)


@pytest.mark.parametrize(
    "address",
    [
        f"https://youtu.be/{V}",
        "https://b23.tv/0C9FMgg",
        f"https://www.youtube.com/playlist?list={LIST}",
        f"https://www.bilibili.com/video/{BV}",
        "https://www.bilibili.com/bangumi/play/ep267851?from_spmid=x",
        "https://vimeo.com/76979871?share=copy",
        "https://podcasts.apple.com/us/podcast/x/id1135137367?i=1000482637777",
        "https://www.xiaoyuzhoufm.com/episode/6543210fedcba",
        "https://open.spotify.com/episode/4rOoJ6Egrf8K2IrywzwOMk",
        "https://www.ted.com/talks/ken_robinson_says_schools_kill_creativity",
        "https://example.org/feed/episode-12.mp3?x=1",
    ],
)
def test_a_film_an_episode_or_a_file_is_known(address: str) -> None:
    assert is_known(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.bilibili.com/",
        "https://www.youtube.com/howyoutubeworks/policies",
        "https://support.google.com/youtube/answer/1",
        "https://www.youtube.com/@ada",
        "https://podcasts.apple.com/us/podcast/x/id1135137367",
        "https://vimeo.com/about",
        "https://open.spotify.com/track/4rOoJ6Egrf8K2IrywzwOMk",
        "https://x.com/ada/status/1577719286659006464",
        "https://en.wikipedia.org/wiki/Film",
        "https://example.org/code/main.ts",
        "https://example.org/?file=talk.mp3",
        "not an address",
    ],
)
def test_a_page_people_merely_mention_is_not_known(address: str) -> None:
    assert not is_known(address)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (YOUTUBE.url, f"{YOUTUBE.url}&t=161s"),
        (f"https://youtu.be/{V}", f"https://youtu.be/{V}?t=161s"),
        (PART_1.url, f"{PART_1.url}?t=161"),
        (PART_2.url, f"{PART_2.url}&t=161"),
        ("https://e.org/a.mp3", "https://e.org/a.mp3#t=161"),
        ("https://e.org/a?b=1#c", "https://e.org/a?b=1#t=161"),
        ("https://notbilibili.com/a", "https://notbilibili.com/a#t=161"),
    ],
)
def test_a_moment_opens_at_its_whole_second(url: str, expected: str) -> None:
    assert moment_url(url, 161.97) == expected


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.99, math.nan, math.inf])
def test_a_moment_that_cannot_be_is_the_beginning(seconds: float) -> None:
    assert moment_url("https://e.org/a.mp3", seconds) == "https://e.org/a.mp3#t=0"


PIECES = (
    st.sampled_from(["https://", "www.", "youtube.com", "bilibili.com", "b23.tv", "/"])
    | st.sampled_from(
        ["?", "v=", "&", "#", "@", ":", "[", "]", "%", "=", ".mp3", "p=2"]
    )
    | st.sampled_from(
        [V, BV, "av", "/video/", "player", "aid=", "9" * 30, "例", "utm_a"]
    )
    | st.sampled_from(["/attribution_link?u=", "%zz", "é", "//"])
    | st.text(max_size=4)
)
ADDRESSES = st.lists(PIECES | st.text(max_size=4)).map(
    lambda p: "https://" + "".join(p)
)


@given(ADDRESSES)
def test_the_canonical_address_of_a_work_is_that_work(address: str) -> None:
    work = _or_refused(identify, address)

    assert work is None or identify(work.url) == work


@given(ADDRESSES)
def test_a_cleaned_address_is_clean(address: str) -> None:
    work = _or_refused(generic, address)

    assert work is None or generic(work.url) == work


@given(st.text() | ADDRESSES, st.floats())
def test_any_text_has_an_answer(text: str, seconds: float) -> None:
    assert _or_refused(identify, text) or True
    assert is_known(text) in (True, False)
    assert moment_url(text, seconds)


def _or_refused(told: Callable[[str], Work | None], address: str) -> Work | None:
    try:
        return told(address)
    except PermanentError:
        return None
