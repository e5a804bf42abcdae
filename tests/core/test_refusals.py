"""What a site answers instead of a work, in one sentence that says what to do."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.errors import TransientError
from vaultscribe.core.refusals import (
    SENTENCES,
    Kind,
    Refusal,
    by_status,
    by_words,
    hidden,
)


def test_there_is_a_sentence_for_every_kind() -> None:
    assert set(SENTENCES) == set(get_args(Kind))


@pytest.mark.parametrize(
    ("words", "kind"),
    # Words of yt-dlp 2026.10.26 and of the sites behind it.
    [
        (
            "[youtube] x: Private video. Sign in if you've been granted access",
            "private",
        ),
        ("Video unavailable. This video has been removed by the uploader", "removed"),
        ("the YouTube account associated has been terminated", "removed"),
        ("no longer available due to a copyright claim", "removed"),
        ("Sign in to confirm your age. This video may be inappropriate", "age"),
        ("Sign in to confirm you’re not a bot. Use --cookies", "bot_check"),
        ("Join this channel to get access to members-only content", "members"),
        ("This content isn't available, try again later", "rate_limited"),
        ("Premieres in 3 hours", "upcoming"),
        ("We’re processing this video. Check back later.", "processing"),
        ("This video is only available for registered users", "login"),
        ("This video may be deleted or geo-restricted", "removed"),
        ("You have exceeded the rate limit. Try again later", "rate_limited"),
        ("The video is not available from your location", "geo"),
        ("This video is DRM protected", "drm"),
        ("No video formats found!", "no_format"),
        ("Unable to extract initial state", "unknown"),
    ],
)
def test_words_tell_the_kind(words: str, kind: Kind) -> None:
    assert by_words(words) == kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, "not_found"), (412, "rate_limited"), (403, "forbidden"), (502, "temporary")],
)
def test_a_status_tells_the_kind(status: int, kind: Kind) -> None:
    assert by_status(status) == kind


def test_a_warning_about_javascript_is_no_reason() -> None:
    warnings = ["No supported JavaScript runtime; timed out", "Please try again later"]

    assert hidden(warnings) == "rate_limited"
    assert hidden(warnings[:1]) == "no_format"


@given(st.sampled_from(get_args(Kind)), st.text(), st.floats(0, 99))
def test_any_refusal_fits_on_the_line_of_the_inbox(
    kind: Kind, detail: str, wait_s: float
) -> None:
    error = Refusal(kind, f"{detail} [[x]] http://u:pw@h/ → `a` " * 9, wait_s).error()

    sentence = str(error)
    assert 0 < len(sentence) <= 160
    assert sentence.isprintable() or not detail.isprintable()
    assert not set(sentence) & set("\n→[]<>#|")
    assert "pw@" not in sentence
    assert getattr(error, "retry_after_s", wait_s) == wait_s
    assert isinstance(error, TransientError) == (SENTENCES[kind][0] is TransientError)
