"""The grammar of the inbox: what asks for something, and what we write there."""

import re
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.inbox import WORKING, append, done, failed, mark, requests
from vaultscribe.core.model import Link

URL = "https://b23.tv/0C9FMgg"
OTHER = "https://youtu.be/jNQXAC9IVRw"
PAGE = "https://example.org/page"
FILE = "https://example.org/feed/episode-12.mp3"
NOTE = done("A talk BV1sQUwBKEmg")
SECOND_NOTE = done("Another talk")
PRIVATE = failed("private video: sign in and set `cookies_file`")


def links(text: str) -> list[Link]:
    return [link for request in requests(text) for link in request.open()]


def addresses(text: str) -> list[str]:
    return [link.address for link in links(text)]


def only(text: str) -> Link:
    [link] = links(text)
    return link


# ---- a line that is a link is a request ----


@pytest.mark.parametrize(
    "line",
    [
        PAGE,
        f"- {PAGE}",
        f"* {PAGE}",
        f"+ {PAGE}",
        f"1. {PAGE}",
        f"2) {PAGE}",
        f"- [ ] {PAGE}",
        f"  - [ ] {PAGE}",
        f"-\t{PAGE}",
        f"- [ ]\t{PAGE}\t",
        f"> {PAGE}",
        f"> > - [ ] {PAGE}",
        f"[a talk]({PAGE})",
        f'[a talk]({PAGE} "with a title")',
        f"[a talk](<{PAGE}>)",
        f"- [ ] [a talk]({PAGE})",
        f"<{PAGE}>",
        f"- <{PAGE}>",
        f"**{PAGE}**",
        f"_{PAGE}_",
        f"=={PAGE}==",
        f"({PAGE})",
        f"“{PAGE}”",
        f"'{PAGE}'",
        f"[[{PAGE}]]",
        f"👍 {PAGE}",
        f"#career {PAGE}",
        f"lang:zh {PAGE}",
        f"\ufeff{PAGE}",
        f"{PAGE}\u200b",
        f"{PAGE}. Worth it",
        f"{PAGE}, and more",
        f"{PAGE}…",
        f"{PAGE}，很好",
        f"\\`{PAGE}\\`",
    ],
)
def test_a_line_that_is_a_link_is_a_request(line: str) -> None:
    assert addresses(line) == [PAGE]


@pytest.mark.parametrize(
    "name",
    ["Recording.m4a", "Aufnahme 12.MP3", "访谈/第一次.wav", "a.b.webm", "film.mkv"],
)
def test_an_embedded_recording_is_a_request(name: str) -> None:
    assert addresses(f"- ![[{name}]]") == [f"![[{name}]]"]


def test_a_recording_is_known_by_its_file_whatever_is_said_behind_it() -> None:
    assert addresses("![[a.m4a|the interview]]") == ["![[a.m4a]]"]
    assert addresses("![[a.m4a#t=60]]") == ["![[a.m4a]]"]


@pytest.mark.parametrize("line", ["![[picture.png]]", "[[a.m4a]]", "![[A note]]"])
def test_no_other_embed_or_link_to_a_note_is_a_request(line: str) -> None:
    assert requests(line) == ()


# ---- within a sentence ----


@pytest.mark.parametrize("address", [URL, OTHER, FILE, "![[Recording.m4a]]"])
def test_in_a_sentence_known_sites_and_media_files_count(address: str) -> None:
    assert addresses(f"- what she said: {address} is worth it") == [address]


@pytest.mark.parametrize(
    "line",
    [
        f"I read {PAGE} yesterday.",
        f"- [ ] compare [this]({PAGE}) with that",
        f"as <{PAGE}> says",
        f"他说 {PAGE} 很好",
        f"【标题】 {PAGE}",
    ],
)
def test_other_pages_in_a_sentence_are_left_alone(line: str) -> None:
    assert requests(line) == ()
    assert mark(line, PAGE, WORKING) == line


def test_words_behind_a_link_do_not_make_it_part_of_a_sentence() -> None:
    assert only(f"{PAGE} how is it made?").focus == "how is it made?"


def test_a_page_that_is_mentioned_beside_a_film_is_left_alone() -> None:
    assert addresses(f"{URL} see also {PAGE} and {OTHER}") == [URL, OTHER]


# ---- what does not count ----


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{URL}\n```",
        f"~~~ text\n{URL}\n~~~",
        f"````\n```\n{URL}\n````",
        f"```\n{URL}",
        f"> ```\n> {URL}\n> ```",
        f"- ```\n  {URL}\n  ```",
        f"\ufeff```\n{URL}\n```",
        f"`{URL}`",
        f"- `` {URL} ` ``",
        f"see\n\n    {URL}",
        f"\t{URL}",
        f"- a\n\n      {URL}",
        f"%%{URL}%%",
        f"%%\n{URL}\n%%",
        f"%% open\n\n{URL}",
        f"<!-- {URL} -->",
        f"<!--\n{URL}\n-->",
        f"<!-- open\n\n{URL}",
        f'<a href="{URL}">a talk</a>',
        f"---\nurl: {URL}\n---\n",
        f"---\r\nurl: {URL}\r\n---\r\n",
        f"---\rurl: {URL}\r---\r",
        f"\ufeff---\nurl: {URL}\n---\n",
        f"# {URL}",
        f"###### see {URL}",
        f"- ## {URL}",
        f"{URL}\n===",
        f"two lines\n{URL}\n====",
        f"| film | note |\n|---|:-:|\n| {URL} | x |",
        f"a | b\n-|-\n{URL} | {OTHER}",
        f"> | a |\n> |---|\n> | {URL} |",
        f"{PAGE}-is-a-list\n| a |\n|---|\n| {URL} |".replace(PAGE, "no link"),
        f"- [x] {URL}",
        f"- [X] {URL} #career",
        f"- [-] {URL}",
        f"> - [x] {URL}",
        "https://",
        "https:///path",
        "ftp://example.org/a.mp3",
        "x" * 20_000 + URL,
    ],
)
def test_what_does_not_count(text: str) -> None:
    assert requests(text) == ()
    assert mark(text, URL, WORKING) == text


@pytest.mark.parametrize(
    "text",
    [
        f"```\ncode\n```\n{URL}",
        f"> ```\n> code\n{URL}",
        f"- ```\n  code\n{URL}",
        f"`code` {URL} `code`",
        f"a ` alone {URL}",
        f"a paragraph\n    {URL}",
        f"- a list\n    {URL}",
        f"1. a list\n\n    {URL}",
        f"%%note%% {URL}",
        f"100% sure, 50% {URL}",
        f"{URL}%%note%%",
        f"https://x.example/a%% hidden %% {URL}",
        f"https://x.example/100%%20sure\n{URL}",
        f"<!-- note --> {URL}",
        f"<b>{URL}</b>",
        f"---\na: 1\n---\n{URL}",
        f"---\n{URL}",
        f"#career {URL}",
        f"a heading\n===\n{URL}",
        f"{URL}\n---",
        f"| a |\n|---|\n| b |\n\n{URL}",
        f"a | b {URL}\n--|",
        f"[x] {URL}",
        f"$$\n\n{URL}",
    ],
)
def test_what_stands_beside_code_or_comment_counts(text: str) -> None:
    assert URL in addresses(text)


# ---- links as they are pasted ----


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"【当你又熬夜刷手机-哔哩哔哩】 {URL}", URL),
        (f"【标题】{URL}这个视频太好了", URL),
        (f"{URL}。", URL),
        (f"{URL}.这个", URL),
        (f"看看{URL}！！", URL),
        (f"（{URL}）", URL),
        (f"「{URL}」", URL),
        (f"{URL}→看", URL),
        (f"{OTHER}?si=a_b-c👍", f"{OTHER}?si=a_b-c"),
        ("HTTPS://B23.tv/0C9FMgg", "HTTPS://B23.tv/0C9FMgg"),
        (f"Watch “A talk” on YouTube\t{OTHER}", OTHER),
        (f"look: {OTHER}...", OTHER),
        ("https://youtu.be/abcdefghij_", "https://youtu.be/abcdefghij_"),
        ("https://youtu.be/abcdefghij-", "https://youtu.be/abcdefghij-"),
        ("_https://youtu.be/abcdefghij__", "https://youtu.be/abcdefghij_"),
        (
            "https://en.wikipedia.org/wiki/Rust_(programming_language)",
            "https://en.wikipedia.org/wiki/Rust_(programming_language)",
        ),
        (
            "(https://en.wikipedia.org/wiki/Rust_(film)).",
            "https://en.wikipedia.org/wiki/Rust_(film)",
        ),
        (
            "[Rust](https://en.wikipedia.org/wiki/Rust_(film))",
            "https://en.wikipedia.org/wiki/Rust_(film)",
        ),
        (
            "https://en.wikipedia.org/wiki/Newton's_laws",
            "https://en.wikipedia.org/wiki/Newton's_laws",
        ),
        ("https://zh.wikipedia.org/wiki/心流", "https://zh.wikipedia.org/wiki/心流"),
        ("https://example.org/?q=a==", "https://example.org/?q=a=="),
        (
            "https://web.archive.org/web/2020/https://example.org/a",
            "https://web.archive.org/web/2020/https://example.org/a",
        ),
    ],
)
def test_an_address_ends_where_a_reader_sees_it_end(text: str, address: str) -> None:
    assert addresses(text) == [address]


@pytest.mark.parametrize("glue", ["", ",", "、", "|", "，然后", " 和 ", "\t"])
def test_two_links_on_a_line_are_two(glue: str) -> None:
    assert addresses(f"{URL}{glue}{OTHER}") == [URL, OTHER]


# ---- tags, focus, options ----


def test_tags_and_the_words_behind_the_link_are_kept_apart() -> None:
    link = only(f"- [ ] {URL} #career how did he get into FAIR?")

    assert link.tags == ("career",)
    assert link.focus == "how did he get into FAIR?"


def test_tags_may_stand_anywhere_on_the_line() -> None:
    link = only(f"#人工智能/pytorch a film #a#b {URL} #1 #c, d")

    assert link.tags == ("人工智能/pytorch", "a", "b", "c")
    assert link.focus == "#1 , d"


def test_the_fragment_of_an_address_is_no_tag() -> None:
    assert only("https://example.org/#about").tags == ()


def test_a_tag_ends_at_chinese_punctuation() -> None:
    link = only(f"{URL} #职业，他是怎么成功的？")

    assert link.tags == ("职业",)
    assert link.focus == "他是怎么成功的？"


def test_words_before_the_link_are_no_focus() -> None:
    assert only(f"podcast for the train: <{FILE}>").focus == ""


def test_the_focus_leaves_out_what_ends_the_link() -> None:
    assert only(f"({URL}) how?").focus == "how?"
    assert only(f"**{URL}**: how?").focus == "how?"


def test_the_focus_leaves_out_other_pages_comments_and_the_block_id() -> None:
    line = f"{URL} compare with {PAGE} please %%mine%% ^abc-1"

    assert only(line).focus == "compare with please"


def test_options_are_read_and_are_no_focus() -> None:
    link = only(f"{URL} lang:zh speakers:2 captions:no parts:all why?")

    assert (link.language, link.speakers) == ("zh", 2)
    assert (link.captions, link.all_parts) == (False, True)
    assert link.focus == "why?"


def test_options_may_be_typed_on_a_phone() -> None:
    link = only(f"{URL} Lang：zh-CN Captions：No Parts:All")

    assert (link.language, link.captions, link.all_parts) == ("zh-CN", False, True)


def test_an_option_that_says_nothing_known_is_ignored() -> None:
    link = only(f"{URL} lang:../x speakers:many captions:yes parts:3")

    assert link == Link(URL)


def test_options_hold_for_all_links_of_their_line() -> None:
    assert [each.speakers for each in links(f"{URL} {OTHER} speakers:3")] == [3, 3]


# ---- what we write ----


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        (URL, f"- [ ] {URL} → ⏳"),
        (f"- {URL}", f"- [ ] {URL} → ⏳"),
        (f"* [ ] {URL}", f"* [ ] {URL} → ⏳"),
        (f"3. {URL}", f"3. [ ] {URL} → ⏳"),
        (f"> {URL}", f"> - [ ] {URL} → ⏳"),
        (f"> - {URL}", f"> - [ ] {URL} → ⏳"),
        (f"\ufeff{URL}", f"\ufeff- [ ] {URL} → ⏳"),
        (f"  {URL}  ", f"  - [ ] {URL} → ⏳  "),
        (f"{URL} why? \t", f"- [ ] {URL} why? → ⏳ \t"),
        (f"- {URL} ^id-1", f"- [ ] {URL} → ⏳ ^id-1"),
        (f"- {URL} ^id-1 ", f"- [ ] {URL} → ⏳ ^id-1 "),
        (f"- {URL} %%mine%%", f"- [ ] {URL} %%mine%% → ⏳"),
        (f"- {URL} %%goes on", f"- [ ] {URL} → ⏳ %%goes on"),
        (f"- {URL} <!-- goes on", f"- [ ] {URL} → ⏳ <!-- goes on"),
        (f"look: {URL} now", f"- [ ] look: {URL} now → ⏳"),
    ],
)
def test_a_link_under_way_stands_in_a_task_with_an_arrow(
    line: str, marked: str
) -> None:
    assert mark(line, URL, WORKING) == marked
    assert mark(marked, URL, WORKING) == marked


def test_only_success_ticks() -> None:
    working = mark(f"- [ ] {URL} #career why?", URL, WORKING)

    assert mark(working, URL, NOTE) == f"- [x] {URL} #career why? → {NOTE}"
    assert mark(working, URL, PRIVATE) == f"- [ ] {URL} #career why? → {PRIVATE}"


def test_the_arrow_of_a_failure_leaves_the_block_id_last() -> None:
    line = mark(mark(f"{URL} ^id", URL, WORKING), URL, PRIVATE)

    assert line == f"- [ ] {URL} → {PRIVATE} ^id"
    assert requests(line)[0].open() == ()


@pytest.mark.parametrize("arrow", [NOTE, PRIVATE])
def test_a_link_that_is_finished_asks_for_nothing(arrow: str) -> None:
    line = mark(URL, URL, arrow)

    assert addresses(line.replace("[ ]", "[x]")) == []
    assert mark(line, URL, PRIVATE) == line


def test_a_line_whose_arrow_says_under_way_still_asks() -> None:
    assert addresses(f"- [ ] {URL} → ⏳") == [URL]


def test_unticking_asks_for_all_again() -> None:
    line = f"- [ ] {URL} {OTHER} → {NOTE} → {SECOND_NOTE}"

    assert [link.again for link in links(line)] == [True, True]


def test_what_is_done_again_goes_from_the_old_note_to_the_new_one() -> None:
    working = mark(f"- [ ] {URL} → {NOTE} my words", URL, WORKING)

    assert working == f"- [ ] {URL} → ⏳ my words"
    assert mark(working, URL, SECOND_NOTE) == f"- [x] {URL} → {SECOND_NOTE} my words"


def test_a_line_that_was_unticked_is_not_ticked_by_the_same_link_elsewhere() -> None:
    text = f"- [ ] {URL} → {NOTE}\n{URL}"

    assert mark(text, URL, NOTE) == f"- [ ] {URL} → {NOTE}\n- [x] {URL} → {NOTE}"


def test_removing_the_arrow_of_a_failure_asks_for_another_try() -> None:
    failure = f"- [ ] {URL} → {PRIVATE}"

    assert addresses(failure) == []
    assert addresses(failure.partition(" → ")[0]) == [URL]


def test_a_known_link_without_its_arrow_is_ticked_again() -> None:
    assert mark(f"- [ ] {URL} #a", URL, NOTE) == f"- [x] {URL} #a → {NOTE}"


def test_each_line_with_the_link_is_marked() -> None:
    text = f"{URL}\n\nwords\n- [ ] {URL} #a\n{OTHER}\n"

    assert mark(text, URL, NOTE) == (
        f"- [x] {URL} → {NOTE}\n\nwords\n- [x] {URL} #a → {NOTE}\n{OTHER}\n"
    )


def test_several_links_get_an_arrow_each_in_order() -> None:
    line = mark(f"- {URL} and {OTHER} ^id", URL, WORKING)
    line = mark(line, OTHER, WORKING)
    line = mark(line, URL, NOTE)
    line = mark(line, OTHER, SECOND_NOTE)

    assert line == f"- [x] {URL} and {OTHER} → {NOTE} → {SECOND_NOTE} ^id"


def test_the_second_link_may_be_finished_first() -> None:
    line = mark(f"- [ ] {URL} {OTHER}", OTHER, NOTE)

    assert line == f"- [ ] {URL} {OTHER} → ⏳ → {NOTE}"
    assert addresses(line) == [URL]
    assert mark(line, URL, PRIVATE) == f"- [ ] {URL} {OTHER} → {PRIVATE} → {NOTE}"


def test_a_line_is_ticked_when_all_its_links_are_done() -> None:
    line = mark(f"- [ ] {URL} {OTHER}", URL, NOTE)

    assert line == f"- [ ] {URL} {OTHER} → {NOTE}"
    assert mark(line, OTHER, SECOND_NOTE).startswith("- [x] ")


def test_removing_the_first_of_two_arrows_tries_the_first_link_again() -> None:
    moved = f"- [ ] {URL} {OTHER} → {NOTE}"  # it was → ❌ … → [[…]]

    line = mark(moved, OTHER, NOTE)

    assert line == f"- [ ] {URL} {OTHER} → ⏳ → {NOTE}"
    assert addresses(line) == [URL]


def test_two_addresses_of_one_work_are_ticked_with_one_note() -> None:
    line = mark(f"- [ ] {URL} {OTHER}", URL, NOTE)
    line = mark(line, OTHER, NOTE)
    line = mark(line, URL, NOTE)

    assert line == f"- [x] {URL} {OTHER} → {NOTE} → {NOTE}"


def test_the_same_link_twice_on_a_line_gets_two_arrows() -> None:
    assert mark(f"{URL} {URL}", URL, NOTE) == f"- [x] {URL} {URL} → {NOTE} → {NOTE}"


def test_an_arrow_of_the_users_own_is_left_alone() -> None:
    line = f"- [ ] {URL} first → then → last"

    assert only(line).focus == "first → then → last"
    assert mark(line, URL, NOTE) == f"- [x] {URL} first → then → last → {NOTE}"


def test_a_box_that_the_user_ticked_meanwhile_stays_ticked() -> None:
    assert mark(f"- [x] {URL} → ⏳", URL, PRIVATE) == f"- [x] {URL} → {PRIVATE}"


def test_an_address_that_begins_alike_is_another_one() -> None:
    assert mark(f"{URL}\n{URL}h", URL, NOTE) == f"- [x] {URL} → {NOTE}\n{URL}h"


def test_a_recording_is_marked_although_its_alias_is_no_part_of_the_address() -> None:
    line = mark("![[a.m4a|talk]]", "![[a.m4a]]", WORKING)

    assert line == "- [ ] ![[a.m4a|talk]] → ⏳"


def test_line_ends_stay_as_they_are() -> None:
    text = f"a\r\n{URL}\rb\n{URL}"

    assert mark(text, URL, WORKING) == (f"a\r\n- [ ] {URL} → ⏳\rb\n- [ ] {URL} → ⏳")


@pytest.mark.parametrize(
    "message",
    [
        "gone → see [[Notes]]",
        f"moved to {OTHER}",
        "<!-- the page -->",
        "100 %% of it",
        "a `quote",
        "it said\nno\u2028more ^id",
        "\ud800 half a letter",
    ],
)
def test_a_failure_is_told_in_one_arrow_that_hides_nothing(message: str) -> None:
    text = mark(f"{URL}\n{OTHER}", URL, failed(message))

    assert addresses(text) == [OTHER]
    assert requests(text)[0].open() == ()
    assert len(requests(text)[0].arrows) == 1


def test_a_failure_keeps_code_and_loses_what_acts() -> None:
    arrow = failed("set `cookies_file` for [[x]], #1 ![](y) <b> %%c%% `= this.x` a:: b")

    assert arrow == (
        "❌ set `cookies_file` for \\[\\[x]], \\#1 !\\[\\](y) \\<b> \\%\\%c\\%\\%"
        " \\`= this.x\\` a:\\: b"
    )


# ---- adding links ----


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("", f"- [ ] {URL}\n"),
        ("words", f"words\n- [ ] {URL}\n"),
        ("words\n", f"words\n- [ ] {URL}\n"),
        ("a\r\nb\r\n", f"a\r\nb\r\n- [ ] {URL}\r\n"),
        ("\ufeffa", f"\ufeffa\n- [ ] {URL}\n"),
        ("| a |\n|---|\n| b |", f"| a |\n|---|\n| b |\n- [ ] {URL}\n"),
    ],
)
def test_links_are_added_as_tasks_at_the_end(text: str, longer: str) -> None:
    assert append(text, (URL,)) == longer


@pytest.mark.parametrize("open_", ["```\ncode", "%% a comment", "<!-- a comment\n"])
def test_links_are_added_where_they_count(open_: str) -> None:
    text = append(f"---\na: 1\n---\n{open_}", (URL, OTHER))

    assert addresses(text) == [URL, OTHER]
    assert text.replace(f"- [ ] {URL}\n- [ ] {OTHER}\n", "") == (
        f"---\na: 1\n---\n{open_}"
    )


# ---- whatever the note holds ----

BITS = [
    *(URL, OTHER, PAGE, "![[r.m4a]]", f"[t]({URL})", f"<{URL}>", "https://", "x"),
    *(f" → {NOTE}", " → ⏳", " → ❌ no", "→", " [[n]]", "⏳", "❌", " ^id", "%%"),
    *("- ", "- [ ] ", "- [x] ", "* ", "1. ", "> ", "# ", "```\n", "~~~", "`", "``"),
    *("---\n", "===", "|", "|-|\n", "<!--", "-->", "<b>", "\\", "[", "](", "]]", "("),
    *(" ", "  ", "#t", " #a ", "lang:zh", ".", "，", "_", "**", "\u200b", "\u3000"),
    *("\n", "\n", "\r\n", "\r", "\n\n", "\u2028", "\u0085", "\x0b", "\ufeff", "é"),
    *("\udcff", "\udc80", "😀", "文字"),
]
"""No code by indent: our task would turn it into the text of a list."""

notes = st.lists(st.sampled_from(BITS), max_size=30).map("".join)
anything = st.one_of(
    notes,
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda b: b.decode("utf-8", "surrogateescape")),
)
arrows = st.sampled_from([WORKING, NOTE, PRIVATE])
targets = st.sampled_from([URL, OTHER, PAGE, "![[r.m4a]]"])


def split(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r|\Z)", text)


@given(anything)
def test_reading_never_fails_and_knows_where_each_line_is(text: str) -> None:
    found = requests(text)

    assert all(text[r.start : r.start + len(r.line)] == r.line for r in found)
    assert not any(re.search(r"[\r\n]", r.line) for r in found)
    assert all(len(r.links) == len(r.arrows) > 0 for r in found)
    assert all(
        link.address.removesuffix("]]") in r.line for r in found for link in r.links
    )


@given(anything, targets, arrows)
def test_marking_changes_only_lines_with_that_address(
    text: str, address: str, arrow: str
) -> None:
    changed = mark(text, address, arrow)

    assert all(
        old == new or address.removesuffix("]]") in old
        for old, new in zip(split(text), split(changed), strict=True)
    )


@given(notes, targets)
def test_taking_out_what_we_wrote_gives_the_line_back(text: str, address: str) -> None:
    changed = mark(text, address, WORKING)

    assert all(
        old == new or old in without_ours(new) or f" → {NOTE}" in old
        for old, new in zip(split(text), split(changed), strict=True)
    )


def without_ours(line: str) -> set[str]:
    """List what *line* was before, if a box and some arrows on it are new."""
    found = {line}
    for box in ("- [ ] ", "[ ] "):
        found |= {
            line[: match.start()] + line[match.end() :]
            for match in re.finditer(re.escape(box), line)
        }
    for each in list(found):
        found |= {
            each[: match.start()] + each[match.end() :]
            for start in range(len(each))
            if (match := re.compile("(?: → ⏳)+").match(each, start))
        }
    return found


@given(notes, targets, arrows)
def test_marking_twice_is_the_same_as_once(text: str, address: str, arrow: str) -> None:
    once = mark(text, address, arrow)

    assert mark(once, address, arrow) == once


@given(notes, targets, st.sampled_from([NOTE, PRIVATE]))
def test_the_second_write_replaces_the_first_and_nothing_else(
    text: str, address: str, arrow: str
) -> None:
    working = mark(text, address, WORKING)
    finished = mark(working, address, arrow)

    assert unmarked(finished, arrow) == unmarked(working, arrow)


def unmarked(text: str, arrow: str) -> str:
    return text.replace(arrow, WORKING).replace("[x]", "[ ]")


@given(notes, targets)
def test_after_its_failure_a_link_asks_no_more(text: str, address: str) -> None:
    assert address not in addresses(mark(text, address, PRIVATE)) or (
        f" → {NOTE}" in text  # un-ticked by the user: that is for `WORKING` to take
    )


@given(st.binary(max_size=80), targets, arrows)
def test_bytes_that_are_no_text_come_back(
    data: bytes, address: str, arrow: str
) -> None:
    text = data.decode("utf-8", "surrogateescape") + f"\n{address}"
    changed = mark(text, address, arrow)

    assert changed.encode("utf-8", "surrogateescape").startswith(data)


# ---- a megabyte of anything ----


def many(bit: str, *, lines: int = 8) -> Callable[[int], str]:
    """Make notes of a given size: some lines that are full of *bit*."""

    def make(size: int) -> str:
        return f"{URL} {bit * (size // lines // len(bit))}\n" * lines

    return make


def each_line(line: str) -> Callable[[int], str]:
    return lambda size: f"{URL}\n\n" + line * (size // len(line))


SHAPES = {
    **{bit: many(bit) for bit in ("[", "`", "` ``", "%%", "→", "→ ", "https://", "<")},
    **{bit: many(bit) for bit in (" ", "\t ", "(", ")", "()", "[](https://x", "![[")},
    **{bit: many(bit) for bit in (f"{URL} ", f"{URL} → ⏳ ", "#a", "#a ", "_", ".")},
    **{bit: many(bit) for bit in (" ^a", "<!--", "<a ", "lang:a ", "❌", "> ", "- ")},
    "one line of backticks": many("`", lines=1),
    "one line of brackets": many("[", lines=1),
    "links": each_line(f"{URL}x\n"),
    "words": each_line("word\n"),
    "quotes that go on lazily": lambda size: (
        f"{URL}\n{'> ' * 100}a\n" + "b\n" * (size // 2)
    ),
    "quotes in quotes": each_line(f"{'>' * 50} - x\n"),
    "lists in lists": each_line("".join(f"{'  ' * n}- x\n" for n in range(40))),
    "a deep list, then nothing": lambda size: f"{URL}\n{'- ' * 60}x" + "\n" * size,
    "a table": lambda size: f"{URL}\n\n|a|b|\n|-|-|\n" + "|a|b|\n" * (size // 6),
    "heads of tables": each_line("|a|\n"),
    "fences": each_line("```\n"),
    "underlined headings": each_line("a\n===\n"),
    "rules": each_line("- - -\n"),
    "comments": each_line("%%\n"),
    "carriage returns": each_line("\r"),
    "frontmatter without an end": lambda size: "---\n" + "--- x\n" * (size // 6) + URL,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_eight_times_the_note_takes_about_eight_times_as_long(shape: str) -> None:
    make = SHAPES[shape]

    # What is quadratic takes 64 times as long, each time.
    assert any(growth(make, 8) < 8 * 3 for _ in range(5))


def growth(make: Callable[[int], str], times: int) -> float:
    small, big = make(4_000), make(4_000 * times)
    return cpu_s(big) / max(cpu_s(small), 0.0005)


def cpu_s(text: str) -> float:
    begun = process_time()
    mark(text, URL, WORKING)
    requests(text)
    return process_time() - begun


def test_ten_thousand_links_are_read_in_order() -> None:
    wanted = [f"https://b23.tv/{number:07}" for number in range(10_000)]

    assert addresses("\n".join(wanted)) == wanted
