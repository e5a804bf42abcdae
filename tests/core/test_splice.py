"""Single properties change, and not a byte of what the user wrote beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.properties import MAX_BYTES, read
from vaultscribe.core.splice import add_tags


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
