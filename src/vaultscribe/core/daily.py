"""The daily note: how its name is made of a day, and how a line is added to it."""

import datetime as dt
import re
from collections.abc import Mapping

from vaultscribe.core.prose import prose

DEFAULT_FORMAT = "YYYY-MM-DD"
"""Source: Obsidian's help, "Daily notes"."""

_EN_DAYS = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    *("Saturday", "Sunday"),
)
_EN_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_ZH_DAYS = "一二三四五六日"
_ZH_MONTHS = (*"一二三四五六七八九十", "十一", "十二")

_PIECES = re.compile(
    r"\[([^\[\]]*)\]|([MDdwWQNYygGeEaAhHkmsSxXzZLl])\2*o?|.", re.DOTALL
)
"""What is quoted, a token, or a character that stands for itself.
Source: moment.js, src/lib/format/format.js."""


def names(template: str, day: dt.date) -> tuple[str, ...]:
    """Write *day* by moment.js's *template*, in English and in Chinese.

    Which of the two Obsidian uses depends on its language, which no file tells; they
    are one where no words are in it. Empty when a token is not known here.
    """
    numbers = _numbers(day)
    found = (_written(template, numbers | words) for words in (_en(day), _zh(day)))
    return tuple(dict.fromkeys(name for name in found if name))


def with_link(text: str, name: str) -> str:
    """Add a list item with a link to the note *name* at the end of *text*, once.

    *text* comes back as it was where the note is linked already, and where the line
    would not be seen: behind code or a comment that was never closed.
    """
    if re.search(rf"\[\[(?:[^\[\]|#]*/)?{re.escape(name)}\s*[\]|#]", text):
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    item = f"- [[{name}]]"
    is_closed = not text or text.endswith(("\n", "\r"))
    longer = f"{text}{item}{newline}" if is_closed else f"{text}{newline}{item}"
    return longer if item in prose(longer)[len(text) :] else text


def _written(template: str, values: Mapping[str, str]) -> str:
    pieces = []
    for match in _PIECES.finditer(template):
        quoted, token = match[1], match[2]
        if quoted is None and (match[0] == "\\" or (token and match[0] not in values)):
            return ""
        pieces.append(quoted if quoted is not None else values.get(match[0], match[0]))
    return "".join(pieces)


def _numbers(day: dt.date) -> dict[str, str]:
    iso = day.isocalendar()
    return {
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MM": f"{day.month:02}",
        "M": f"{day.month}",
        "DDDD": f"{day.timetuple().tm_yday:03}",
        "DD": f"{day.day:02}",
        "D": f"{day.day}",
        "Q": f"{(day.month + 2) // 3}",
        "GGGG": f"{iso.year:04}",
        "WW": f"{iso.week:02}",
        "W": f"{iso.week}",
        "E": f"{iso.weekday}",
    }


def _en(day: dt.date) -> dict[str, str]:
    name, month = _EN_DAYS[day.weekday()], _EN_MONTHS[day.month - 1]
    # Weeks begin on Sunday, and the first of a year is the one with 1 January.
    end = day + dt.timedelta(6 - day.isoweekday() % 7)
    week = (end.timetuple().tm_yday - 1) // 7 + 1
    return {
        "dddd": name,
        "ddd": name[:3],
        "dd": name[:2],
        "MMMM": month,
        "MMM": month[:3],
        "gggg": f"{end.year:04}",
        "ww": f"{week:02}",
        "w": f"{week}",
    }


def _zh(day: dt.date) -> dict[str, str]:
    sign, iso = _ZH_DAYS[day.weekday()], day.isocalendar()
    return {
        "dddd": f"星期{sign}",
        "ddd": f"周{sign}",
        "dd": sign,
        "MMMM": f"{_ZH_MONTHS[day.month - 1]}月",
        "MMM": f"{day.month}月",
        "gggg": f"{iso.year:04}",
        "ww": f"{iso.week:02}",
        "w": f"{iso.week}",
    }
