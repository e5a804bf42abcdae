"""Which work stands behind an address, told without asking anybody.

The same film is shared under a dozen addresses; one work must have one id, or
the vault gets two notes of it. Shapes of addresses: yt-dlp's extractors
(youtube/_base.py, bilibili.py) and links as phones and browsers share them.
"""

import re
from math import floor, isfinite
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from vaultscribe.core.errors import PermanentError
from vaultscribe.core.model import Work

MAX_ADDRESS = 8_000
"""Characters; longer ones are not links that a person dropped."""

MAX_PART = 9_999
"""The highest `?p=` believed; Bilibili's longest series have under 2,000."""

MEDIA_FILE = re.compile(
    r"[^/]\.(?:3gp|aac|aiff?|amr|avi|flac|flv|m3u8|m4[abv]|mk[av]|mov|mp[34d]|mpe?g"
    r"|og[agv]|opus|wav|web[am]|wm[av])/?\Z",
    re.IGNORECASE,
)
"""Paths of files with sound; `.ts` is left out, most of those are programs."""

TRACKING = re.compile(
    r"utm_\w+|spm(?:_id_from)?|from_spmid|vd_source|share_\w+|unique_k|buvid"
    r"|[fgy]clid|gbraid|wbraid|dclid|msclkid|twclid|igshid|igsh|mc_[ce]id|_hs(?:enc|mi)",
    re.IGNORECASE,
)
"""Parameters that name the sharer, never the work, on any site."""

SITE_TRACKING = {
    "bilibili.com": r"up_id|mid|plat_id|is_story_h5|timestamp|bbid|ts|from|seid",
    "youtube.com": r"si|feature|pp|app|ab_channel",
    "spotify.com": r"si|nd|context|dlsi",
    "podcasts.apple.com": r"at|ct|ls|uo|itscg|itsct|mt",
    "vimeo.com": r"share|fl|fe|ref",
    "x.com": r"s|t|ref_src",
    "twitter.com": r"s|t|ref_src",
    "ted.com": r"language|referrer|rid|trigger|user_email_address",
}
"""The same for one site, where elsewhere the name may mean something."""

YOUTUBE_ID = re.compile(
    r"(?!videoseries|live_stream)([0-9A-Za-z_-]{11})(?![0-9A-Za-z_-])"
)
"""Eleven characters, but for two words of as many letters that stand in its
place. Source: yt-dlp, extractor/youtube/_video.py."""

YOUTUBE_PATH = re.compile(
    r"/(?:shorts|live|embed|v|vi|e|watch)/(?=[^/])", re.IGNORECASE
)
YOUTUBE_HOSTS = ("youtube.com", "youtube-nocookie.com", "youtubekids.com")
YOUTUBE_MIRRORS = ("piped.video", "yewtu.be", "invidious.io")
"""Other windows on YouTube that keep its `watch?v=`."""

BVID = re.compile(r"[bB][vV](1[0-9A-Za-z]{9})(?![0-9A-Za-z])")
AVID = re.compile(r"/[aA][vV]([0-9]{1,15})(?![0-9A-Za-z])")
BV_ALPHABET = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
BV_XOR, BV_MASK = 23442827791579, (1 << 51) - 1
"""BV numbers are av numbers in disguise. Source: yt-dlp, extractor/bilibili.py;
checked against the 13 pairs of its tests."""

BILIBILI_SHORT = ("b23.tv", "bili2233.cn", "bili22.cn", "bili23.cn", "bili33.cn")

_SHAPES = (
    ("youtube.com", r"/playlist$"),
    (
        "bilibili.com",
        r"/(?:bangumi/play/(?:ep|ss)|cheese/play/(?:ep|ss)|audio/au)[0-9]",
    ),
    ("bilibili.com", r"/(?:list/|medialist/play/)[0-9a-z]"),
    *((host, r"/[0-9A-Za-z]{4,}$") for host in BILIBILI_SHORT),
    ("vimeo.com", r"(?:/channels/\w+|/video|/showcase/[0-9]+/video)?/[0-9]{5,}"),
    ("podcasts.apple.com", r"(?:/.*)?/id[0-9]+$"),
    ("xiaoyuzhoufm.com", r"/episode/[0-9a-z]+"),
    ("open.spotify.com", r"(?:/intl-\w+)?/episode/[0-9A-Za-z]+"),
    ("ted.com", r"/talks/[0-9a-z_]+"),
)
EPISODES = tuple((host, re.compile(path, re.IGNORECASE)) for host, path in _SHAPES)
"""Hosts, and paths there that can only be films or an episode."""

_HOST = re.compile(r"[\w.-]+|\[[0-9a-f:.]+\]")
_SITE = re.compile(
    r"https?://(?:[\w-]+\.){0,3}(youtube\.com|youtu\.be|bilibili\.com)(?=[/?]|\Z)",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")


class _Address(NamedTuple):
    """An address in pieces; *host* in lower case, *query* as it was written."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str

    def is_on(self, *sites: str) -> bool:
        """Is the host one of *sites*, or under one?"""
        return any(self.host == s or self.host.endswith("." + s) for s in sites)

    def value(self, name: str) -> str:
        """Give the first value of a parameter; empty when there is none."""
        return parse_qs(self.query).get(name, [""])[0]


RECORDING = "file:"
"""Begins the id of a recording that lies in the vault."""


def identify(address: str) -> Work | None:
    """Tell the work behind *address* by its shape alone.

    None where only the site can tell: short links, and pages. An embedded recording,
    `![[Talk.m4a]]`, is the file of that name.

    Raises:
        PermanentError: *address* is neither that nor an http or https address.
    """
    if embed := re.fullmatch(r"!\[\[(.+)\]\]", address):
        return Work(f"{RECORDING}{embed[1]}", embed[1])
    parts = _split(address)
    work = _youtube(parts) or _bilibili(parts)
    if work is None and MEDIA_FILE.search(parts.path):
        return _by_url(parts)
    return work


def generic(address: str) -> Work:
    """Take the address itself, cleaned, for the work's identity.

    Dropped: tracking parameters, fragment, default port, user and password.

    Raises:
        PermanentError: *address* is not an http or https address.
    """
    return _by_url(_split(address))


def is_known(address: str) -> bool:
    """Can only a film, an episode or a media file stand behind *address*?"""
    try:
        parts = _split(address)
    except PermanentError:
        return False
    if _youtube(parts) or _bilibili(parts) or MEDIA_FILE.search(parts.path):
        return True
    if parts.is_on("podcasts.apple.com") and not parts.value("i"):
        return False  # the podcast as a whole, not an episode
    return any(parts.is_on(h) and path.match(parts.path) for h, path in EPISODES)


def moment_url(url: str, seconds: float) -> str:
    """Give the address that opens *url* at that second, rounded down.

    YouTube and Bilibili have a parameter for it; anything else gets a media
    fragment (https://www.w3.org/TR/media-frags/), which browsers follow.
    """
    second = floor(seconds) if isfinite(seconds) and seconds > 0 else 0
    page = url.partition("#")[0]
    found = _SITE.match(page)
    if not found:
        return f"{page}#t={second}"
    unit = "" if "bili" in found[1].lower() else "s"
    path, _, query = page.partition("?")
    kept = [p for p in query.split("&") if p and not p.startswith("t=")]
    return f"{path}?{'&'.join([*kept, f't={second}{unit}'])}"


def _split(address: str) -> _Address:
    """Take an address apart; what no browser would open is refused."""
    text = address.strip().replace("&amp;", "&")
    if len(text) > MAX_ADDRESS or _UNSEEN.search(text):
        raise PermanentError("the address is broken: write it again, without blanks")
    if not re.match(r"https?://", text, re.IGNORECASE):
        raise PermanentError(
            "only http and https addresses can be read: write it with https://"
        )
    try:
        text.encode()  # half of a surrogate pair cannot be sent anywhere
        found = urlsplit(text)
        host, port = (found.hostname or "").rstrip("."), found.port
        parse_qs(found.query)
    except ValueError:
        host = ""
    host = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(host):
        raise PermanentError("the address has no valid host: check its spelling")
    return _Address(found.scheme.lower(), host, port, found.path, found.query)


def _youtube(parts: _Address) -> Work | None:
    if parts.is_on("youtu.be"):
        found = YOUTUBE_ID.match(parts.path.lstrip("/"))
    elif parts.is_on(*YOUTUBE_HOSTS, *YOUTUBE_MIRRORS):
        if parts.path.rstrip("/") == "/attribution_link":
            return _unwrapped(parts.value("u"))
        start = YOUTUBE_PATH.match(parts.path)
        found = YOUTUBE_ID.match(parts.path, start.end()) if start else None
    else:
        return None
    found = found or YOUTUBE_ID.match(parts.value("v"))
    if found is None:
        return None
    key = found[1]
    return Work(f"youtube:{key}", f"https://www.youtube.com/watch?v={key}")


def _unwrapped(inner: str) -> Work | None:
    """Identify the address inside YouTube's `attribution_link?u=/watch…`."""
    try:
        parts = _split(urljoin("https://www.youtube.com", inner))
    except (PermanentError, ValueError):
        return None
    return None if "attribution_link" in parts.path else _youtube(parts)


def _bilibili(parts: _Address) -> Work | None:
    if not parts.is_on("bilibili.com", *BILIBILI_SHORT):
        return None
    aid = _aid(parts)
    if not 0 < aid <= BV_MASK:
        return None
    part = parts.value("p") or (parts.value("page") if _is_player(parts) else "")
    number = int(part) if re.fullmatch(r"[0-9]{1,4}", part) else 1
    number = number if 0 < number <= MAX_PART else 1
    url = f"https://www.bilibili.com/video/{_bvid(aid)}"
    suffix = f"?p={number}" if number > 1 else ""
    return Work(f"bilibili:{aid}_part{number}", url + suffix)


def _aid(parts: _Address) -> int:
    """Find the av number that path or parameters name; 0 when they name none."""
    for text in (parts.path, parts.value("bvid")):
        if found := BVID.search(text):
            return _number("BV" + found[1])
    if found := AVID.search(parts.path):
        return int(found[1])
    aid = parts.value("aid") if _is_player(parts) else ""
    return int(aid) if re.fullmatch(r"[0-9]{1,15}", aid) else 0


def _is_player(parts: _Address) -> bool:
    return parts.host == "player.bilibili.com" or "player" in parts.path


def _number(bvid: str) -> int:
    """Turn a BV number into its av number; 0 when it is not a true one."""
    digits = list(bvid)
    digits[3], digits[9] = digits[9], digits[3]
    digits[4], digits[7] = digits[7], digits[4]
    total = 0
    for digit in digits[3:]:
        total = total * len(BV_ALPHABET) + max(BV_ALPHABET.find(digit), 0)
    aid = (total & BV_MASK) ^ BV_XOR
    # Half of what looks like a BV number is none; and case matters.
    return aid if _bvid(aid) == bvid else 0


def _bvid(aid: int) -> str:
    digits, rest = list("BV1000000000"), (BV_MASK + 1 | aid) ^ BV_XOR
    for place in range(11, 2, -1):
        rest, digit = divmod(rest, len(BV_ALPHABET))
        digits[place] = BV_ALPHABET[digit]
    digits[3], digits[9] = digits[9], digits[3]
    digits[4], digits[7] = digits[7], digits[4]
    return "".join(digits)


def _by_url(parts: _Address) -> Work:
    default = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in (None, default) else f":{parts.port}"
    kept = [p for p in parts.query.split("&") if p and not _is_tracking(p, parts)]
    query = "?" + "&".join(kept) if kept else ""
    # Quoting makes 视频.mp4 and %E8%A7%86%E9%A2%91.mp4 one, and keeps what would
    # act in Markdown out of the vault.
    rest = quote((parts.path or "/") + query, safe="%/:=&?~+!$,;'@")
    url = f"{parts.scheme}://{parts.host}{port}{rest}"
    return Work(f"url:{url}", url)


def _is_tracking(parameter: str, parts: _Address) -> bool:
    name = parameter.partition("=")[0]
    if TRACKING.fullmatch(name):
        return True
    names = [names for site, names in SITE_TRACKING.items() if parts.is_on(site)]
    return any(re.fullmatch(n, name, re.IGNORECASE) for n in names)
