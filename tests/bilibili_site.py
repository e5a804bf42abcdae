"""Bilibili as its extractor sees it, with one film on it.

Shaped after what yt-dlp 2026.10.26 reads (extractor/bilibili.py), October 2026.
"""

import json
from collections.abc import Sequence
from typing import Any

from loopnet import Route, Site

BVID = "BV1sQUwBKEmg"
AID = 115596091988925
TITLE = "所有取得成功的人，背后都有你看不到的挣扎。"
DURATION_S = 217
PUBLISHED = 1763611200
"""2025-11-20, noon in China."""

URL = f"https://www.bilibili.com/video/{BVID}"
SHORT_URL = "https://b23.tv/0C9FMgg"
SUBTITLE_URL = "https://i0.hdslb.com/bfs/subtitle/zh.json"
MACHINE_URL = "https://aisubtitle.hdslb.com/bfs/ai_subtitle/zh"

Lines = Sequence[tuple[float, float, str]]
"""Captions: from and to, in seconds, and what is said."""


def play(site: Site, captions: Lines, *, machine: Lines = (), parts: int = 1) -> None:
    """Put the film on *site*, in *parts*, with human *captions* and a *machine*'s.

    Without captions of a kind, that track is not on offer.
    """
    pages = [
        {"cid": 1000 + n, "page": n, "part": f"第{n}讲", "duration": DURATION_S}
        for n in range(1, parts + 1)
    ]
    for key in (BVID, f"av{AID}"):
        for end in ("", "/"):
            site.on(f"https://www.bilibili.com/video/{key}{end}", _page(pages))
    api = "https://api.bilibili.com/x"
    site.on(f"{api}/player/pagelist", {"code": 0, "data": pages})
    site.on(f"{api}/web-interface/nav", _nav())
    site.on(f"{api}/player/wbi/playurl", _playurl())
    site.on(f"{api}/player/wbi/v2", _player(bool(captions), bool(machine)))
    site.on(SUBTITLE_URL, _subtitle(captions))
    site.on(MACHINE_URL, _subtitle(machine))
    site.on(SHORT_URL, (302, {"Location": f"{URL}?{SHARED}"}, ""))


SHARED = (
    "buvid=XY12&from_spmid=main.ugc-video-detail&is_story_h5=false&mid=abc%3D"
    "&p=1&plat_id=116&share_from=ugc&share_medium=android&share_source=COPY"
    "&share_tag=s_i&spmid=united.player&timestamp=1763700000&unique_k=0C9FMgg"
    "&up_id=42"
)
"""What the app adds to a shared link."""


def _page(pages: list[dict[str, Any]]) -> str:
    state = {
        "videoData": {
            "bvid": BVID,
            "aid": AID,
            "cid": 1001,
            "title": TITLE,
            "desc": "PyTorch 之父的故事。\nSoumith Chintala 谈他的路。",
            "pic": "https://i0.hdslb.com/cover.jpg",
            "pubdate": PUBLISHED,
            "duration": DURATION_S * len(pages),
            "pages": pages,
            "stat": {"view": 5, "like": 2, "reply": 0},
            "rights": {},
        },
        "upData": {"name": "挣扎与光", "mid": "42"},
        "tags": [{"tag_name": "人工智能"}, {"tag_name": "PyTorch"}],
    }
    script = f"window.__INITIAL_STATE__={json.dumps(state)};(function(){{}})"
    return f"<html><head></head><body><script>{script}</script></body></html>"


def _nav() -> dict[str, Any]:
    """Give the keys for signing; the length of their names is what matters."""
    keys = {
        "img_url": "https://i0.hdslb.com/bfs/wbi/7cd084941338484aae1ad9425b84077c.png",
        "sub_url": "https://i0.hdslb.com/bfs/wbi/4932caff0ff746eab6f01bf08b70ac45.png",
    }
    return {"code": -101, "data": {"wbi_img": keys}}


def _playurl() -> dict[str, Any]:
    audio = {
        "id": 30216,
        "baseUrl": "https://upos-sz.bilivideo.com/a64.m4a",
        "mimeType": "audio/mp4",
        "codecs": "mp4a.40.2",
        "bandwidth": 67000,
    }
    return {
        "code": 0,
        "data": {"timelength": DURATION_S * 1000, "dash": {"audio": [audio]}},
    }


def _player(has_captions: bool, has_machine: bool) -> dict[str, Any]:  # noqa: FBT001 - two plain facts
    offers = [
        {"lan": "ai-zh", "subtitle_url": MACHINE_URL.removeprefix("https:")},
        {"lan": "zh-CN", "subtitle_url": SUBTITLE_URL.removeprefix("https:")},
    ]
    shown = [
        o for o, has in zip(offers, (has_machine, has_captions), strict=True) if has
    ]
    return {
        "code": 0,
        "data": {
            "need_login_subtitle": False,
            "subtitle": {"subtitles": shown},
            "view_points": [
                {"content": "开头", "from": 0, "to": 60},
                {"content": "转折", "from": 60, "to": DURATION_S},
            ],
        },
    }


def _subtitle(lines: Lines) -> Route:
    return {"body": [{"from": a, "to": b, "content": text} for a, b, text in lines]}
