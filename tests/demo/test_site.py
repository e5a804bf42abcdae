"""The demo's little internet, as the real yt-dlp and a plain client see it."""

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from yt_dlp import YoutubeDL
from yt_dlp.utils import DownloadError

from vaultscribe.adapters.covers import shrink
from vaultscribe.demo.site import CHINESE, ENGLISH, Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as started:
        yield started


def read(url: str) -> dict[str, Any]:
    """Ask the real yt-dlp what stands behind *url*; no proxy, no download."""
    with YoutubeDL({"quiet": True, "no_warnings": True, "proxy": ""}) as client:
        info: dict[str, Any] = client.extract_info(url, download=False)
        return info


def ask(url: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=5)
    connection.request(method, address.path, headers=headers)
    with connection.getresponse() as response:
        body = response.read()
    connection.close()
    return response, body


@pytest.mark.parametrize("talk", [CHINESE, ENGLISH], ids=lambda talk: talk.name)
def test_yt_dlp_reads_all_that_a_note_says_of_a_talk(site: Site, talk: Any) -> None:
    info = read(f"{site.root}/talks/{talk.name}")

    assert info["title"] == talk.title
    assert info["channel"] == talk.channel
    assert info["description"] == talk.description
    assert info["duration"] == pytest.approx(talk.duration_s())
    assert info["upload_date"] == talk.published.replace("-", "")
    assert list(info["subtitles"]) == [talk.language]
    assert info["subtitles"][talk.language][0]["ext"] == "vtt"
    assert [found["vcodec"] for found in info["formats"]] == ["none"]


def test_yt_dlp_needs_one_page_for_a_talk(site: Site) -> None:
    read(site.english_talk)

    assert site.visits == ["/talks/note-taking"]


@pytest.mark.parametrize("talk", [CHINESE, ENGLISH], ids=lambda talk: talk.name)
def test_a_talk_lasts_four_to_five_minutes(talk: Any) -> None:
    duration_s = talk.duration_s()

    assert 240 < duration_s < 300


@pytest.mark.parametrize("talk", [CHINESE, ENGLISH], ids=lambda talk: talk.name)
def test_captions_of_a_page_are_the_ones_that_ship(site: Site, talk: Any) -> None:
    track = read(f"{site.root}/talks/{talk.name}")["subtitles"][talk.language][0]

    _, body = ask(track["url"])

    assert body.decode() == talk.captions()


@pytest.mark.parametrize("talk", [CHINESE, ENGLISH], ids=lambda talk: talk.name)
def test_the_cover_of_a_talk_is_a_picture_that_shrinks_to_little(
    site: Site, talk: Any
) -> None:
    address = read(f"{site.root}/talks/{talk.name}")["thumbnail"]

    response, body = ask(address)

    assert response.getheader("Content-Type") == "image/jpeg"
    assert 1_000 < len(shrink(body) or b"") < 20_000


def test_short_link_and_tracked_link_lead_to_the_chinese_talk(site: Site) -> None:
    titles = [read(site.short_link)["title"], read(site.tracked_talk)["title"]]

    assert titles == [CHINESE.title, CHINESE.title]


def test_dead_link_is_a_404_for_yt_dlp(site: Site) -> None:
    with pytest.raises(DownloadError, match="404"):
        read(site.dead_link)


def test_article_holds_no_media(site: Site) -> None:
    with pytest.raises(DownloadError, match="Unsupported URL"):
        read(site.article)


def test_media_file_is_media_by_itself(site: Site) -> None:
    info = read(site.media_file)

    assert (info["direct"], info["ext"]) == (True, "mp3")


def test_sound_is_downloaded_whole(site: Site, tmp_path: Any) -> None:
    options = {"quiet": True, "proxy": "", "outtmpl": str(tmp_path / "sound.m4a")}

    with YoutubeDL(options) as client:
        client.download([site.chinese_talk])

    _, body = ask(f"{site.root}/sounds/{CHINESE.sound}")
    assert (tmp_path / "sound.m4a").read_bytes() == body


def test_part_of_a_sound_is_answered_as_that_part(site: Site) -> None:
    _, whole = ask(site.media_file)

    response, part = ask(site.media_file, Range="bytes=100-199")

    assert (response.status, part) == (206, whole[100:200])
    assert response.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"


@pytest.mark.parametrize(
    ("asked", "status", "size"),
    [
        ("bytes=-10", 206, 10),
        ("bytes=20000-", 206, None),
        ("bytes=99999999-", 416, 0),
        ("bytes=-", 200, None),
        ("lines=1-2", 200, None),
    ],
)
def test_odd_ranges_are_answered_by_the_book(
    site: Site, asked: str, status: int, size: int | None
) -> None:
    response, body = ask(site.media_file, Range=asked)

    assert response.status == status
    assert len(body) == int(response.headers["Content-Length"])
    assert size is None or len(body) == size


def test_head_says_what_get_would_and_sends_nothing(site: Site) -> None:
    response, body = ask(site.media_file, method="HEAD")

    _, whole = ask(site.media_file)
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert response.headers["Content-Length"] == str(len(whole))
    assert body == b""


def test_site_is_gone_after_its_block() -> None:
    with Site() as site:
        url = site.article

    with pytest.raises(ConnectionRefusedError):
        ask(url)
