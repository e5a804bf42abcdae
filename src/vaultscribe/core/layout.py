"""Keep a concept map narrow: mermaid shrinks a wide one until nobody can read it.

Mermaid puts a node one row below the lowest node that leads to it, and all nodes of
a row side by side. The widths here were measured with mermaid 11.13.0 in Chromium,
with its own font of 16 px.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal
from unicodedata import east_asian_width

Direction = Literal["TD", "LR"]
Pair = tuple[int, int]

_ROW_PX = 1050
"""Rows of this width: text of about 10 px in Obsidian's column of 700 px."""
_ACROSS_PX = 1300
"""All rows from left to right: text of 8.6 px; nothing makes this wider."""
_STACK = 3
"""So many nodes that lead nowhere stand below each other."""
_LINE_PX = 200
"""A label is wrapped at this width."""
_PADDING_PX = 60
_GAP_PX = 50
"""Between two nodes, and between two rows."""


def arrange(
    labels: Sequence[str], arrows: Sequence[tuple[int, int, str]]
) -> tuple[Direction, list[Pair]]:
    """Choose how the map runs so that it stays readable.

    Args:
        labels: of the nodes.
        arrows: (from, to, word), both as places in *labels*.

    Returns:
        The direction, and pairs (above, below) that are to be kept apart as if an
        arrow led from one to the other; only what would be too wide has such.
    """
    widths = [_PADDING_PX + min(_LINE_PX, _text_px(label)) for label in labels]
    forward = _without_cycles([(source, target) for source, target, _ in arrows])
    rows = _rows(len(labels), forward)
    if all(_row_px(row, widths) <= _ROW_PX for row in rows):
        return "TD", []
    word_px = max((_text_px(word) for *_, word in arrows), default=0)
    across_px = sum(max(widths[node] for node in row) for row in rows)
    if across_px + (len(rows) - 1) * (_GAP_PX + word_px) <= _ACROSS_PX:
        return "LR", []
    return "TD", _broken(widths, forward)


def _text_px(text: str) -> int:
    return sum(16 if east_asian_width(sign) in "WF" else 8 for sign in text)


def _row_px(row: Sequence[int], widths: Sequence[int]) -> int:
    return sum(widths[node] + _GAP_PX for node in row)


def _without_cycles(pairs: Sequence[Pair]) -> list[Pair]:
    """Leave out each arrow that leads back to where one came from."""
    kept: list[Pair] = []
    for source, target in pairs:
        if source not in _reached(target, kept):
            kept.append((source, target))
    return kept


def _reached(start: int, pairs: Sequence[Pair]) -> set[int]:
    reached, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        new = {target for source, target in pairs if source == here} - reached
        reached |= new
        ahead.extend(new)
    return reached


def _rows(count: int, pairs: Sequence[Pair]) -> list[list[int]]:
    """Put each node one row below the lowest that leads to it."""
    row_of = [0] * count
    for _ in range(count):
        for source, target in pairs:
            row_of[target] = max(row_of[target], row_of[source] + 1)
    rows = [[n for n in range(count) if row_of[n] == row] for row in range(count)]
    return [row for row in rows if row]


def _broken(widths: Sequence[int], pairs: Sequence[Pair]) -> list[Pair]:
    """Break each row that is too wide: hang its last nodes below its first."""
    apart = _stacked(len(widths), pairs)
    at = 0
    while at < len(rows := _rows(len(widths), [*pairs, *apart])):
        row = rows[at]
        fits = _fitting(row, widths)
        apart += [(row[i % fits], node) for i, node in enumerate(row[fits:])]
        at += 1
    return apart


def _stacked(count: int, pairs: Sequence[Pair]) -> list[Pair]:
    """Put below each other what one node alone leads to, and what leads nowhere."""
    starts = {source for source, _ in pairs}
    apart: list[Pair] = []
    for parent in range(count):
        leaves = [
            node
            for node in range(count)
            if node not in starts
            and {source for source, target in pairs if target == node} == {parent}
        ]
        apart += [pair for i, pair in enumerate(pairwise(leaves), 1) if i % _STACK]
    return apart


def _fitting(row: Sequence[int], widths: Sequence[int]) -> int:
    """Tell how many nodes from the first on are readable side by side."""
    for count in range(len(row), 1, -1):
        if _row_px(row[:count], widths) <= _ROW_PX:
            return count
    return 1
