"""Single properties change, and not a byte of what the user wrote beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.properties import MAX_BYTES, read, write
from vaultscribe.core.splice import (
    add_items,
    add_tags,
    drop_item,
    entries,
    put,
    remove,
    split,
)


def note(block: str, newline: str = "\n") -> str:
    """Make a note whose body looks as if it had properties too."""
    text = f"---\n{block}---\n\nbody\n\n---\ntags:\n  - of the body\n---\n"
    return text.replace("\n", newline)


# ---- adding tags ----

ADDED = ("new", "人工智能/x")
FORMS = {
    "no tags": ("a: 1\n", 'a: 1\ntags:\n  - "new"\n  - "人工智能/x"\n'),
    "nothing": ("", 'tags:\n  - "new"\n  - "人工智能/x"\n'),
    "only a comment": ("# c\n", '# c\ntags:\n  - "new"\n  - "人工智能/x"\n'),
    "a list": (
        "tags:\n  - a\n  - b\nz: 1\n",
        'tags:\n  - a\n  - b\n  - "new"\n  - "人工智能/x"\nz: 1\n',
    ),
    "a list without indent": (
        "tags:\n- a\nz: 1\n",
        'tags:\n- a\n- "new"\n- "人工智能/x"\nz: 1\n',
    ),
    "a list with much indent": (
        "z: 1\ntags:\n      -   a\n",
        'z: 1\ntags:\n      -   a\n      - "new"\n      - "人工智能/x"\n',
    ),
    "comments and empty lines": (
        "tags: # mine\n  # one\n  - a # two\n\n  - 'b'   \n\n# c\nz: 1\n",
        """tags: # mine\n  # one\n  - a # two\n\n  - 'b'   \n  - "new"
  - "人工智能/x"\n\n# c\nz: 1\n""",
    ),
    "an empty item": (
        "tags:\n  - a\n  -\n",
        'tags:\n  - a\n  -\n  - "new"\n  - "人工智能/x"\n',
    ),
    "letters of all kinds before": (
        "t: 😀é中\ntags:\n  - 😀\n",
        't: 😀é中\ntags:\n  - 😀\n  - "new"\n  - "人工智能/x"\n',
    ),
    "a text of several lines": (
        "tags:\n  - |\n    a\nz: 1\n",
        'tags:\n  - |\n    a\n  - "new"\n  - "人工智能/x"\nz: 1\n',
    ),
    "an empty flow list": ("tags: []\n", 'tags: ["new", "人工智能/x"]\n'),
    "a flow list": (
        "tags: [a, 'b'] # c\nz: 1\n",
        'tags: [a, \'b\', "new", "人工智能/x"] # c\nz: 1\n',
    ),
    "a flow list that ends in a comma": (
        "tags: [ a , ]\n",
        'tags: [ a, "new", "人工智能/x" , ]\n',
    ),
    "a flow list over lines": (
        "tags: [a, # one\n  b # two\n  ]\n",
        'tags: [a, # one\n  b, "new", "人工智能/x" # two\n  ]\n',
    ),
    "one tag": ("tags: a # c\n", 'tags: [a, "new", "人工智能/x"] # c\n'),
    "one quoted tag": ("tags: 'a'\n", 'tags: [\'a\', "new", "人工智能/x"]\n'),
    "an empty value": (
        "tags:\nz: 1\n",
        'tags:\n  - "new"\n  - "人工智能/x"\nz: 1\n',
    ),
    "null": ("tags: null\n", 'tags: ["new", "人工智能/x"]\n'),
    "another case": ("Tags: [a]\n", 'Tags: [a, "new", "人工智能/x"]\n'),
    "tags in a text": (
        "d: |\n  tags:\n    - a\n",
        'd: |\n  tags:\n    - a\ntags:\n  - "new"\n  - "人工智能/x"\n',
    ),
    "tags within another": (
        "d:\n  tags: [a]\n",
        'd:\n  tags: [a]\ntags:\n  - "new"\n  - "人工智能/x"\n',
    ),
    "not a number": (
        "n: .nan\ntags: [a]\n",
        'n: .nan\ntags: [a, "new", "人工智能/x"]\n',
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("form", FORMS)
def test_tags_are_added_and_nothing_else_changes(form: str, newline: str) -> None:
    before, after = FORMS[form]

    added = add_tags(note(before, newline), ADDED)

    assert added == note(after, newline)
    assert add_tags(added, ADDED) == added


@pytest.mark.parametrize(
    "block",
    [
        "{a: 1}\n",
        "tags: a, b\n",
        "tags: |\n  a\n",
        "tags: {a: b}\n",
        "l: &l [b]\ntags: *l\n",
        "a: 1\na: 2\n",
        "tags: [a\n",
        "a: b: c\n",
        "- a\n",
    ],
)
def test_a_block_that_would_have_to_be_rewritten_is_left_alone(block: str) -> None:
    assert add_tags(note(block), ADDED) == note(block)


@pytest.mark.parametrize(
    "text",
    [
        "body\ntags:\n",
        "",
        "---\ntags: [a]\n",
        "\ufeff---\ntags: [a]\n---\n",
        " ---\ntags: [a]\n---\n",
        f"---\na: {'x' * MAX_BYTES}\n---\n",
    ],
)
def test_a_text_without_properties_is_left_alone(text: str) -> None:
    assert add_tags(text, ADDED) == text


def test_tags_that_are_there_are_not_added_again() -> None:
    text = note("tags:\n  - New\n  - '#other'\n")

    assert add_tags(text, ("new", "Other")) == text
    assert read(add_tags(text, ("NEW", "x")))["tags"] == ["New", "#other", "x"]


def test_a_quote_in_a_tag_stays_in_it() -> None:
    added = add_tags(note("a: 1\n"), ('x"\ny: "z',))

    assert read(added) == {"a": 1, "tags": ['x"\ny: "z']}


def test_bytes_that_are_no_text_stay_in_the_body() -> None:
    text = note("tags: [a]\n") + "\udcff"

    assert add_tags(text, ("b",)) == note('tags: [a, "b"]\n') + "\udcff"


blocks = st.lists(
    st.sampled_from(
        [
            *("tags:", "tags: ", "Tags: [", "]", "a", "- a", "  - b", "\n", "\n", "\n"),
            *(
                "# c",
                "'",
                '"',
                "|",
                "z: 1",
                ", ",
                "&x ",
                "*x",
                "{",
                "}",
                "~",
                "  ",
                "é",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@given(blocks)
def test_adding_tags_changes_only_the_tags(block: str) -> None:
    text = note(block + "\n")

    added = add_tags(text, ("new",))

    assert added == text or others(added) == others(text)
    assert added == text or "new" in str(read(added))
    assert len(added) == len(text) or added.endswith(note("")[4:])


def others(text: str) -> str:
    return repr({k: v for k, v in read(text).items() if k.lower() != "tags"})


# ---- finding properties ----


def test_properties_are_found_with_their_lines_and_without_comments() -> None:
    text = note("# a\nTitle: x # b\n# c\n\nl:\n  # d\n  - y\n\n# e\nd: |\n  z\n")

    found = entries(text)

    assert [*found] == ["title", "l", "d"]
    assert [each.text for each in found.values()] == [
        "Title: x # b\n",
        "l:\n  # d\n  - y\n",
        "d: |\n  z\n",
    ]
    assert [each.value for each in found.values()] == ["x", ["y"], "z\n"]
    assert found["l"].items() == [("y", "y")]


@pytest.mark.parametrize(
    "block", ["", "# c\n", "{a: 1}\n", "a: 1\nA: 2\n", "1: a\n0x1: b\n", "a: [\n"]
)
def test_there_are_no_properties_where_they_are_unclear(block: str) -> None:
    assert entries(note(block)) == {}


@pytest.mark.parametrize(
    ("text", "head", "body"),
    [
        ("---\na: 1\n---\nb", "---\na: 1\n---\n", "b"),
        ("---\r\na: 1\r\n---\r\n\r\nb", "---\r\na: 1\r\n---\r\n", "\r\nb"),
        ("---\n---", "---\n---", ""),
        ("b\n---\n---\n", "", "b\n---\n---\n"),
        ("---\na: 1\n", "", "---\na: 1\n"),
        ("", "", ""),
    ],
)
def test_a_note_is_split_behind_its_second_fence(
    text: str, head: str, body: str
) -> None:
    assert split(text) == (head, body)


# ---- changing single properties ----

NEW = entries(write({"a": "新: 值", "l": ["x", "y: z"]}, ""))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", 'a: "新: 值"\n'),
        ("z: 1\nA:   'x'   # c\ny: 2\n", 'z: 1\nA:   "新: 值"   # c\ny: 2\n'),
        ("a:\nz: 1\n", 'a: "新: 值"\nz: 1\n'),
        ("a: # c\n", 'a: "新: 值" # c\n'),
        ("a: b\n  c # d\n", 'a: "新: 值" # d\n'),
        ("a: |\n  b\n\n# c\nz: 1\n", 'a: "新: 值"\n\n# c\nz: 1\n'),
        ("a: [b,\n  c]\nz: 1\n", 'a: "新: 值"\nz: 1\n'),
        ("a:\n  b: 1\nz: 1\n", 'a: "新: 值"\nz: 1\n'),
        ("? a\n: 1\n", '? a\n: "新: 值"\n'),
        ("z: &x 1\na: *x\n", 'z: &x 1\na: "新: 值"\n'),
        # it would have to be rewritten
        ("a: &x 1\nz: *x\n", "a: &x 1\nz: *x\n"),
        ("a:\n  - b # c\n", "a:\n  - b # c\n"),
        ("a: 1\na: 2\n", "a: 1\na: 2\n"),
        ("{a: 1}\n", "{a: 1}\n"),
    ],
)
def test_a_value_is_changed_in_place(before: str, after: str, newline: str) -> None:
    assert put(note(before, newline), NEW["a"]) == note(after, newline)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("z: 1\n", 'z: 1\na: "新: 值"\n'),
        ("y: 1 # c\n\nx: 2\n", 'y: 1 # c\na: "新: 值"\n\nx: 2\n'),
        ("x: |\n  1\n# c\ny: 2\nz: 3\n", 'x: |\n  1\n# c\ny: 2\na: "新: 值"\nz: 3\n'),
        ("", 'a: "新: 值"\n'),
        ("x: 1\nx: 2\n", "x: 1\nx: 2\n"),
    ],
)
def test_a_new_property_comes_behind_the_nearest(before: str, after: str) -> None:
    assert put(note(before), NEW["a"], ["y", "x"]) == note(after)


def test_a_list_is_put_as_a_block() -> None:
    text = put(note("L: [a]\nz: 1\n", "\r\n"), NEW["l"])

    assert text == note('L:\n  - x\n  - "y: z"\nz: 1\n', "\r\n")


def test_a_text_without_frontmatter_gets_no_property() -> None:
    assert put("a: 1\n", NEW["a"]) == "a: 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x: 1\nA: 2\n# c\nz: 3\n", "x: 1\n# c\nz: 3\n"),
        ("a:\n  - b\n  - 'c # d'\nz: 3\n", "z: 3\n"),
        ("a: 'b # c'\n", ""),
        ("a: 2 # c\n", "a: 2 # c\n"),
        ("a:\n  # c\n  - b\n", "a:\n  # c\n  - b\n"),
        ("a: &x 1\nz: *x\n", "a: &x 1\nz: *x\n"),
        ("b: 1\n", "b: 1\n"),
    ],
)
def test_a_property_is_removed_unless_a_comment_is_in_it(
    before: str, after: str
) -> None:
    assert remove(note(before), "a") == note(after)


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ("a:\n  - x\n  - y\n  - z\n", 0, "a:\n  - y\n  - z\n"),
        ("a:\n  - x\n\n  # c\n  - y\nz: 1\n", 0, "a:\n\n  # c\n  - y\nz: 1\n"),
        ("a:\n- x\n- y\n# c\nz: 1\n", 1, "a:\n- x\n# c\nz: 1\n"),
        ("a: [x, 'y', z] # c\n", 0, "a: ['y', z] # c\n"),
        ("a: [x, 'y', z] # c\n", 1, "a: [x, z] # c\n"),
        ("a: [x, 'y', z, ] # c\n", 2, "a: [x, 'y', ] # c\n"),
        ("a: [ x ]\n", 0, "a: [  ]\n"),
        ("a:\n  - x # c\n  - y\n", 0, "a:\n  - x # c\n  - y\n"),
        ("a: [x, # c\n  y]\n", 0, "a: [x, # c\n  y]\n"),
        ("a: [x, # c\n  y]\n", 1, "a: [x, # c\n  y]\n"),
        ("a: x\n", 0, "a: x\n"),
        ("a:\n  - &x 1\n  - *x\n", 0, "a:\n  - &x 1\n  - *x\n"),
    ],
)
def test_an_item_is_dropped_unless_a_comment_is_at_it(
    before: str, index: int, after: str
) -> None:
    assert drop_item(note(before), "a", index) == note(after)


def test_line_ends_of_both_kinds_stay_as_they_are() -> None:
    text = "---\r\nl:\r\n  - a\n  - b\r\na: 1\n---\r\n"

    added = add_items(put(text, NEW["a"]), "l", [("c", "c")])

    assert added == '---\r\nl:\r\n  - a\n  - b\r\n  - c\r\na: "新: 值"\n---\r\n'


@given(blocks, st.sampled_from(["tags", "z"]))
def test_changing_a_property_changes_no_other(block: str, name: str) -> None:
    text = note(block + "\n")
    entry = entries(write({name: ["new"]}, ""))[name]

    changed = [put(text, entry), remove(text, name), drop_item(text, name, 0)]

    others = {key: value for key, value in read(text).items() if key.lower() != name}
    assert [
        {key: value for key, value in read(each).items() if key.lower() != name}
        for each in changed
    ] == [others] * 3
    assert all(each.endswith(note("")[4:]) for each in changed)
