"""Sites as yt-dlp reads them: its own extractors, on a network of one server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

import bilibili_site
import vaultscribe
import youtube_site
from loopnet import Answer, Site, environment, loop_ydl
from vaultscribe.adapters import media as media_module
from vaultscribe.adapters.media import YtDlp, age_days, version
from vaultscribe.adapters.speech import NoEngine
from vaultscribe.core.errors import (
    LinkError,
    NeedsUser,
    PermanentError,
    TransientError,
)
from vaultscribe.core.model import Link, Media, Segment, Track, Transcript, Work

PAGE = "https://example.org/talk"
LINK = Link(PAGE)
WORK = Work(f"url:{PAGE}", PAGE)
OFFER = Media(WORK, "a", tracks=(Track("captions", "en", "vtt", PAGE),))
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nHello world.\n"
LINES = [(0.0, 2.5, "你好"), (2.5, 5.0, "世界")]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def sites(site: Site, tmp_path: Path) -> YtDlp:
    return source(site, tmp_path)


def source(site: Site, folder: Path, **settings: Any) -> YtDlp:
    return YtDlp(
        cache_folder=folder, ydl_class=loop_ydl(site), **({"pause_s": 0} | settings)
    )


def test_a_youtube_film_is_described_with_its_captions(
    site: Site, sites: YtDlp
) -> None:
    youtube_site.play(site)
    link = Link(f"https://youtu.be/{youtube_site.ID}?si=x")

    media = sites.describe(sites.identify(link), link)
    transcript = sites.captions(media, link)

    assert media.title == "A short spoken test"
    assert (media.duration_s, media.channel) == (7.0, "Ada Channel")
    assert (media.published, media.language) == ("2026-05-04", "en")
    assert media.tags == ("notes", "talk")
    assert [c.title for c in media.chapters] == ["Start", "Middle", "End"]
    assert [(t.origin, t.language) for t in media.tracks] == [
        ("captions", "en"),
        ("platform-ai", "en-orig"),
    ]
    assert transcript == Transcript(
        "captions", "en", (Segment(0.0, 7.0, "Hello there. Written by hand"),)
    )


def test_what_the_machine_heard_stands_in_for_dead_human_captions(
    site: Site, sites: YtDlp
) -> None:
    youtube_site.play(site)
    site.on(
        youtube_site.CAPTIONS_URL,
        lambda asked: youtube_site.HEARD if "kind" in asked.query else (404, {}, ""),
    )
    link = Link(youtube_site.URL)

    transcript = sites.captions(sites.describe(sites.identify(link), link), link)

    assert transcript == Transcript(
        "platform-ai", "en", (Segment(0.0, 5.01, "hello this is heard"),)
    )


def test_a_bilibili_short_link_leads_to_the_film_and_its_human_captions(
    site: Site, sites: YtDlp
) -> None:
    bilibili_site.play(site, LINES, machine=[(0.0, 1.0, "机器听到的")])
    link = Link(bilibili_site.SHORT_URL)

    work = sites.identify(link)
    media = sites.describe(work, link)

    assert work == Work("bilibili:115596091988925_part1", bilibili_site.URL)
    assert media.title == bilibili_site.TITLE
    assert (media.duration_s, media.channel) == (217.0, "挣扎与光")
    assert (media.published, media.tags) == ("2025-11-20", ("人工智能", "PyTorch"))
    assert [c.start_s for c in media.chapters] == [0.0, 60.0]
    assert sites.captions(media, link) == Transcript(
        "captions", "zh", (Segment(0.0, 5.0, "你好世界"),)
    )


def test_bilibilis_own_captions_are_the_machines(site: Site, sites: YtDlp) -> None:
    bilibili_site.play(site, (), machine=LINES)
    link = Link(bilibili_site.URL)

    transcript = sites.captions(sites.describe(sites.identify(link), link), link)

    assert transcript is not None
    assert (transcript.origin, transcript.language) == ("platform-ai", "zh")


def test_a_machines_captions_of_another_film_are_not_believed(
    site: Site, sites: YtDlp
) -> None:
    bilibili_site.play(site, (), machine=[(0.0, 1.0, "别的"), (900.0, 901.0, "片子")])
    link = Link(bilibili_site.URL)

    media = sites.describe(sites.identify(link), link)

    assert sites.captions(media, link) is None


def test_one_dead_captions_file_does_not_hide_the_film(
    site: Site, sites: YtDlp
) -> None:
    bilibili_site.play(site, LINES)
    site.on(bilibili_site.SUBTITLE_URL, (404, {}, ""))
    link = Link(bilibili_site.URL)

    media = sites.describe(sites.identify(link), link)

    assert media.title == bilibili_site.TITLE
    assert media.tracks == ()


def test_the_first_of_many_parts_bears_the_title_without_addition(
    site: Site, sites: YtDlp
) -> None:
    bilibili_site.play(site, LINES, parts=3)
    first, second = Link(bilibili_site.URL), Link(f"{bilibili_site.URL}?p=2")

    titles = [
        sites.describe(sites.identify(link), link).title for link in (first, second)
    ]

    assert titles == [bilibili_site.TITLE, f"{bilibili_site.TITLE} P2 第2讲"]


def test_an_html5_page_is_read_with_its_vtt(site: Site, sites: YtDlp) -> None:
    site.on(
        PAGE,
        "<html><head><title>A talk</title></head><body><video src='/a.mp4'>"
        "<track kind=captions srclang=en src='/a.vtt'></video></body></html>",
    )
    site.on("https://example.org/a.vtt", (200, {"Content-Type": "text/vtt"}, VTT))

    media = sites.describe(WORK, LINK)

    assert media.title == "A talk"
    assert sites.captions(media, LINK) == Transcript(
        "captions", "en", (Segment(0.0, 2.0, "Hello world."),)
    )


JW_PAGE = """<html><script>jwplayer("x").setup({"playlist":[{"title":"JW talk",
"mediaid":"jwid0001","duration":6.5,"sources":[{"file":"/a.mp4","type":"video/mp4"}],
"tracks":[{"file":"/en.vtt","kind":"captions","label":"English"},
{"file":"/zh.vtt","kind":"captions","label":"zh-Hans"}]}]});</script></html>"""
"""Shape of a page with JW Player 8."""


@pytest.mark.parametrize(("wanted", "first"), [("", "English"), ("zh", "zh-Hans")])
def test_the_language_of_the_link_comes_first(
    site: Site, sites: YtDlp, wanted: str, first: str
) -> None:
    site.on(PAGE, JW_PAGE)

    media = sites.describe(WORK, Link(PAGE, language=wanted))

    assert (media.title, media.duration_s) == ("JW talk", 6.5)
    assert media.tracks[0].language == first


def test_a_sound_file_is_described_by_its_name(site: Site, sites: YtDlp) -> None:
    link = Link("https://example.org/feed/episode-12.mp3?utm_source=x")
    url = "https://example.org/feed/episode-12.mp3"
    site.on(url, (200, {"Content-Type": "audio/mpeg"}, b"ID3\x03" + b"\0" * 2000))

    media = sites.describe(sites.identify(link), link)

    assert media == Media(Work(f"url:{url}", url), "episode-12")
    assert sites.captions(media, link) is None


def test_a_page_is_identified_by_where_its_redirects_end(
    site: Site, sites: YtDlp
) -> None:
    site.on("https://sho.rt/x", (301, {"Location": f"{PAGE}?utm_source=x&a=1#b"}, ""))
    site.on(PAGE, "a page")

    work = sites.identify(Link("https://sho.rt/x"))

    assert work == Work(f"url:{PAGE}?a=1", f"{PAGE}?a=1")
    assert [asked.method for asked in site.asked] == ["HEAD", "HEAD"]


def test_a_server_that_refuses_head_is_asked_with_get(site: Site, sites: YtDlp) -> None:
    site.on(PAGE, lambda asked: (405, {}, "") if asked.method == "HEAD" else "a page")

    assert sites.identify(LINK) == WORK
    assert [asked.method for asked in site.asked] == ["HEAD", "GET"]


def test_a_short_link_tells_its_work_even_when_the_site_wants_rest(
    site: Site, sites: YtDlp
) -> None:
    bilibili_site.play(site, LINES)
    site.on(bilibili_site.URL, (412, {}, ""))

    work = sites.identify(Link(bilibili_site.SHORT_URL))

    assert work.id == "bilibili:115596091988925_part1"


REFUSED = [
    ("LOGIN_REQUIRED: Private video. Sign in if you may", NeedsUser, "private video"),
    ("ERROR: This video has been removed by the uploader", PermanentError, "removed"),
    ("LOGIN_REQUIRED: Sign in to confirm you’re not a bot", NeedsUser, "is a bot"),
    ("LOGIN_REQUIRED: Sign in to confirm your age", NeedsUser, "for adults only"),
    ("UNPLAYABLE: Join this channel to get access", NeedsUser, "for members only"),
    ("UNPLAYABLE: not available in your country", NeedsUser, "in this country"),
    ("LIVE_STREAM_OFFLINE: Premieres in 3 hours", TransientError, "has not begun"),
]


@pytest.mark.parametrize(("answer", "family", "words"), REFUSED)
def test_youtubes_refusals_say_what_to_do(
    answer: str, family: type[LinkError], words: str, site: Site, sites: YtDlp
) -> None:
    status, _, reason = answer.partition(": ")
    youtube_site.play(site, status=status, reason=reason, streamingData={}, captions={})
    link = Link(youtube_site.URL)

    with pytest.raises(family, match=words) as caught:
        sites.describe(sites.identify(link), link)

    assert is_fit_for_the_inbox(str(caught.value))


ANSWERS: list[tuple[Answer, type[LinkError], str]] = [
    ((404, {}, ""), PermanentError, r"nothing is at this address .*HTTP 404"),
    ((410, {}, ""), PermanentError, "nothing is at this address"),
    ((401, {}, ""), NeedsUser, "sign in and set `cookies_file`"),
    ((403, {}, ""), TransientError, "refuses"),
    ((451, {}, ""), NeedsUser, "country"),
    ((400, {}, ""), PermanentError, "check the address"),
    ((412, {}, ""), TransientError, "too many requests"),
    ((500, {}, ""), TransientError, "does not answer"),
    ((503, {}, ""), TransientError, "does not answer"),
    ((302, {"Location": PAGE}, ""), PermanentError, "circle"),
    ((302, {"Location": "file:///etc/passwd"}, ""), LinkError, "."),
    ("<html><title>[[x]] a page</title></html>", PermanentError, "no video or sound"),
    ("<html>" + "a" * 17_000_000, PermanentError, "too large"),
]


@pytest.mark.parametrize(("answer", "family", "words"), ANSWERS)
def test_a_page_without_a_work_says_what_to_do(
    answer: Answer, family: type[LinkError], words: str, site: Site, sites: YtDlp
) -> None:
    site.on(PAGE, answer)

    with pytest.raises(family, match=words) as caught:
        sites.describe(WORK, LINK)

    assert is_fit_for_the_inbox(str(caught.value))


def test_a_site_that_asks_to_wait_is_given_the_time_it_names(
    site: Site, sites: YtDlp
) -> None:
    site.on(PAGE, (429, {"Retry-After": "77"}, ""))
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=500), usegmt=True)
    site.on("https://example.org/date", (429, {"Retry-After": later}, ""))

    with pytest.raises(TransientError) as seconds:
        sites.identify(LINK)
    with pytest.raises(TransientError) as date:
        sites.identify(Link("https://example.org/date"))

    assert seconds.value.retry_after_s == 77
    assert 480 < date.value.retry_after_s <= 500
    assert len(site.asked) == 2


def test_a_player_that_is_throttled_asks_to_wait(site: Site, sites: YtDlp) -> None:
    youtube_site.play(site, streamingData={}, captions={})
    site.on(youtube_site.PLAYER_URL, (429, {"Retry-After": "9"}, ""))
    link = Link(youtube_site.URL)

    with pytest.raises(TransientError, match="too many requests") as caught:
        sites.describe(sites.identify(link), link)

    assert caught.value.retry_after_s == 9


def test_captions_are_read_even_when_no_format_can_be_played(
    site: Site, sites: YtDlp
) -> None:
    youtube_site.play(site, streamingData={})
    link = Link(youtube_site.URL)

    media = sites.describe(sites.identify(link), link)

    assert sites.captions(media, link) is not None


ASKS: dict[str, Callable[[YtDlp], object]] = {
    "identify": lambda sites: sites.identify(LINK),
    "describe": lambda sites: sites.describe(WORK, LINK),
    "captions": lambda sites: sites.captions(OFFER, LINK),
}


@pytest.mark.parametrize("ask", ASKS)
def test_a_site_that_never_answers_is_asked_again_later(
    ask: str, site: Site, tmp_path: Path
) -> None:
    sites = source(site, tmp_path, timeout_s=0.1)
    site.on(PAGE, None)

    with pytest.raises(TransientError, match="does not answer"):
        ASKS[ask](sites)


def test_a_question_ends_at_its_deadline(site: Site, tmp_path: Path) -> None:
    sites = source(site, tmp_path, deadline_s=-1.0)

    with pytest.raises(TransientError, match="more than"):
        sites.identify(LINK)

    assert site.asked == []


def test_a_machine_without_a_network_is_asked_again_later(tmp_path: Path) -> None:
    with Site() as gone:
        sites = source(gone, tmp_path)

    with pytest.raises(TransientError, match="network does not answer"):
        sites.identify(LINK)


@pytest.mark.parametrize("text", ["", "<html>Sorry</html>", VTT[:20], b"\xff\xfe\0"])
def test_a_garbage_captions_file_gives_way_to_the_next(
    text: str | bytes, site: Site, sites: YtDlp
) -> None:
    site.on("https://example.org/bad.vtt", text)
    site.on("https://example.org/good.vtt", VTT)
    bad = Track("captions", "en", "vtt", "https://example.org/bad.vtt")
    gone = Track("captions", "en", "vtt", "https://example.org/gone.vtt")
    good = Track("platform-ai", "en", "vtt", "https://example.org/good.vtt")

    transcript = sites.captions(Media(WORK, "a", tracks=(bad, gone, good)), LINK)

    assert transcript is not None
    assert transcript.origin == "platform-ai"


def test_a_throttled_captions_file_is_asked_for_again_later(
    site: Site, sites: YtDlp
) -> None:
    site.on(PAGE, (429, {"Retry-After": "5"}, ""))

    with pytest.raises(TransientError, match="too many requests") as caught:
        sites.captions(OFFER, LINK)

    assert caught.value.retry_after_s == 5


def test_captions_no_reads_none(site: Site, sites: YtDlp) -> None:

    assert sites.captions(OFFER, Link(PAGE, captions=False)) is None
    assert site.asked == []


PICTURE = "https://example.org/cover.jpg"
COOKIES = (
    "# Netscape HTTP Cookie File\n# mine, do not touch\n\n"
    ".example.org\tTRUE\t/\tTRUE\t2000000000\tSESSION\tabc\n"
)


def test_a_film_brings_the_address_of_its_cover(site: Site, sites: YtDlp) -> None:
    bilibili_site.play(site, LINES, parts=3)
    link = Link(f"{bilibili_site.URL}?p=2")

    media = sites.describe(sites.identify(link), link)

    assert media.cover == "https://i0.hdslb.com/cover.jpg"
    assert media.series == bilibili_site.TITLE


def test_a_cover_is_fetched_with_the_cookies_of_its_site(
    site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES)
    site.on(PICTURE, (200, {"Content-Type": "image/jpeg"}, b"\xff\xd8 a picture"))

    data = source(site, tmp_path, cookies_file=file).picture(PICTURE)

    assert data == b"\xff\xd8 a picture"
    assert site.asked[0].headers["cookie"] == "SESSION=abc"


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}, "gone"),
        (429, {"Retry-After": "5"}, ""),
        (302, {"Location": "file:///etc/passwd"}, ""),
        (302, {"Location": PICTURE}, ""),
        (200, {}, b"\0" * (media_module.MAX_PICTURE + 1)),
        (200, {"Content-Length": "9000"}, b"cut off"),
    ],
    ids=["gone", "busy", "local", "circle", "large", "cut off"],
)
def test_a_cover_that_cannot_be_had_is_none_and_told_in_the_log(
    answer: Answer, site: Site, sites: YtDlp, caplog: pytest.LogCaptureFixture
) -> None:
    site.on(PICTURE, answer)

    assert sites.picture(PICTURE) is None
    assert PICTURE in caplog.text


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/a", ""])
def test_a_cover_is_read_from_the_web_only(url: str, site: Site, sites: YtDlp) -> None:
    assert sites.picture(url) is None
    assert site.asked == []


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>My [[Cast]]</title>
%s</channel></rss>"""
EPISODE = """<item><title>Episode %d</title><guid>ep-%d</guid>
<enclosure url="https://example.org/%d.mp3" type="audio/mpeg" length="9"/></item>"""


def test_a_list_asks_for_one_of_its_items(site: Site, sites: YtDlp) -> None:
    items = "".join(EPISODE % (n, n, n) for n in range(3))
    site.on(PAGE, (200, {"Content-Type": "application/rss+xml"}, FEED % items))

    with pytest.raises(NeedsUser) as caught:
        sites.describe(WORK, LINK)

    assert (
        str(caught.value)
        == "My Cast is a list of 3 items; give the address of one of them"
    )


def test_a_list_of_one_is_that_one(site: Site, sites: YtDlp) -> None:
    rss = FEED % (EPISODE % (7, 7, 7))
    site.on(PAGE, (200, {"Content-Type": "application/rss+xml"}, rss))
    sound = (200, {"Content-Type": "audio/mpeg"}, b"ID3\x03" + b"\0" * 2000)
    site.on("https://example.org/7.mp3", sound)

    assert sites.describe(WORK, LINK).title == "Episode 7"


def test_cookies_are_sent_and_their_file_stays_as_it_is(
    site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text(COOKIES)
    sites = source(site, tmp_path, cookies_file=file)
    site.on(PAGE, (200, {"Set-Cookie": "SESSION=new"}, JW_PAGE))
    site.on("https://other.net/", "a page")

    sites.describe(WORK, LINK)
    sites.identify(Link("https://other.net/"))

    assert site.asked[0].headers["cookie"] == "SESSION=abc"
    assert "cookie" not in site.asked[-1].headers
    assert file.read_bytes() == COOKIES.encode()


@pytest.mark.parametrize("content", [None, b"not cookies", b"\xff\xfe\xff"])
def test_a_broken_cookies_file_is_named(
    content: bytes | None, site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "cookies.txt"
    file.write_bytes(content or b"")
    file = file if content else tmp_path / "missing.txt"
    sites = source(site, tmp_path, cookies_file=file)

    with pytest.raises(NeedsUser, match="`cookies_file` cannot be read"):
        sites.describe(WORK, LINK)


def test_several_threads_may_ask_at_once(site: Site, sites: YtDlp) -> None:
    bilibili_site.play(site, LINES)
    youtube_site.play(site)
    links = [Link(bilibili_site.URL), Link(youtube_site.URL)] * 4

    with ThreadPoolExecutor(4) as pool:
        titles = pool.map(
            lambda link: sites.describe(sites.identify(link), link).title, links
        )

    assert set(titles) == {bilibili_site.TITLE, "A short spoken test"}


SCRIPT = """
from pathlib import Path; import sys
from vaultscribe.adapters.media import YtDlp; from vaultscribe.core.model import Link
sites, link = YtDlp(cache_folder=Path(sys.argv[1]), pause_s=0), Link(sys.argv[2])
print(sites.describe(sites.identify(link), link).work.id)
"""


def test_a_process_of_its_own_reads_from_the_site(site: Site, tmp_path: Path) -> None:
    bilibili_site.play(site, LINES)
    found = environment(site)
    found["PYTHONPATH"] += os.pathsep + str(Path(vaultscribe.__file__).parents[1])

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), bilibili_site.SHORT_URL],
        env=os.environ | found,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("bilibili:115596091988925_part1\n", "")
    assert "b23.tv/0C9FMgg" in site.paths()


def test_yt_dlps_version_is_the_day_of_its_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The age of the installed one changes every day.
    day = datetime.now(UTC) - timedelta(days=40)
    monkeypatch.setattr(media_module, "version", lambda: f"{day:%Y.%m.%d}.1")

    assert version()[:3] == "202"
    assert age_days() == 40


def test_without_an_engine_the_user_is_told_how_to_get_one() -> None:
    with pytest.raises(NeedsUser) as caught:
        NoEngine().transcribe(Media(WORK, "a"), LINK)

    assert str(caught.value) == (
        'no captions: install a speech engine with `pip install "vaultscribe[speech]"`,'
        " then remove this arrow"
    )


def is_fit_for_the_inbox(sentence: str) -> bool:
    return 10 < len(sentence) <= 160 and not set(sentence) & set("\n→[]<>#|")
