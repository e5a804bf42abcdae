"""YouTube as its extractor sees it, with one film on it.

Shaped after what yt-dlp 2026.10.26 reads (extractor/youtube), October 2026.
"""

import json
from typing import Any

from loopnet import Answer, Asked, Site

ID = "dQw4w9WgXcQ"
CHANNEL = "UCuAXFkgsw1L7xaCfnd5JJOw"
URL = f"https://www.youtube.com/watch?v={ID}"
PLAYER_URL = "https://www.youtube.com/youtubei/v1/player"
CAPTIONS_URL = "https://www.youtube.com/api/timedtext"

WRITTEN = {
    "events": [
        {"tStartMs": 0, "dDurationMs": 3000, "segs": [{"utf8": "Hello there."}]},
        {"tStartMs": 3000, "dDurationMs": 4000, "segs": [{"utf8": "Written by hand"}]},
    ]
}

HEARD = {
    "wireMagic": "pb3",
    "events": [
        {"tStartMs": 0, "dDurationMs": 5000, "id": 1, "wpWinPosId": 1},
        {
            "tStartMs": 0,
            "dDurationMs": 3920,
            "segs": [{"utf8": "hello"}, {"utf8": " this", "tOffsetMs": 320}],
        },
        {"tStartMs": 2000, "dDurationMs": 1920, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {
            "tStartMs": 2010,
            "dDurationMs": 3000,
            "segs": [{"utf8": "is"}, {"utf8": " heard", "tOffsetMs": 300}],
        },
    ],
}
"""A machine's captions, scrolling. Origin: shape of `timedtext?fmt=json3`."""


def play(
    site: Site, *, status: str = "OK", reason: str = "", **details: dict[str, Any]
) -> None:
    """Put the film on *site*; *details* change parts of the player's answer."""
    player = _player() | details
    player["playabilityStatus"] = {"status": status, "reason": reason}
    site.on("https://www.youtube.com/watch", _watch(player))
    site.on(f"https://www.youtube.com/embed/{ID}", _watch(player))  # read for adults
    site.on(PLAYER_URL, player)
    site.on(CAPTIONS_URL, _captions)


def _captions(asked: Asked) -> Answer:
    if asked.query.get("fmt") != "json3":
        return 404, {}, "only json3 here"
    return HEARD if asked.query.get("kind") == "asr" else WRITTEN


def _player() -> dict[str, Any]:
    offers = [
        {"vssId": ".en", "baseUrl": f"{CAPTIONS_URL}?v={ID}&lang=en"},
        {
            "vssId": "a.en",
            "kind": "asr",
            "baseUrl": f"{CAPTIONS_URL}?v={ID}&lang=en&kind=asr",
        },
    ]
    tracks = [{"languageCode": "en", "isTranslatable": True, **o} for o in offers]
    languages = [
        {"languageCode": "de", "languageName": {"simpleText": "German"}},
        {"languageCode": "en", "languageName": {"simpleText": "English"}},
    ]
    audio = {
        "itag": 140,
        "url": "https://rr1---sn-x.googlevideo.com/videoplayback?itag=140",
        "mimeType": 'audio/mp4; codecs="mp4a.40.2"',
    }
    return {
        "videoDetails": {
            "videoId": ID,
            "title": "A short spoken test",
            "lengthSeconds": "7",
            "author": "Ada Channel",
            "channelId": CHANNEL,
            "shortDescription": "Intro text\n0:00 Start\n0:03 Middle\n0:05 End",
            "keywords": ["notes", "talk"],
        },
        "microformat": {
            "playerMicroformatRenderer": {
                "publishDate": "2026-05-04T03:00:00-07:00",
                "uploadDate": "2026-05-04T03:00:00-07:00",
                "ownerChannelName": "Ada Channel",
                "ownerProfileUrl": "http://www.youtube.com/@ada",
                "externalChannelId": CHANNEL,
            }
        },
        "captions": {
            "playerCaptionsTracklistRenderer": {
                "captionTracks": tracks,
                "translationLanguages": languages,
            }
        },
        "streamingData": {"adaptiveFormats": [audio]},
    }


def _watch(player: dict[str, Any]) -> str:
    owner = {"owner": {"videoOwnerRenderer": {"title": {"simpleText": "Ada Channel"}}}}
    shown = {"contents": [{"videoSecondaryInfoRenderer": owner}]}
    results = {"results": {"results": shown}}
    contents = {"contents": {"twoColumnWatchNextResults": results}}
    client = {"clientName": "WEB", "clientVersion": "2.20260101.00.00", "hl": "en"}
    config = json.dumps({"INNERTUBE_CONTEXT": {"client": client}})
    return (
        f"<html><head></head><body><script>ytcfg.set({config});</script>"
        f"<script>var ytInitialPlayerResponse = {json.dumps(player)};</script>"
        f"<script>var ytInitialData = {json.dumps(contents)};</script></body></html>"
    )
