"""Concept maps: whatever the labels say, the grammar is ours."""

import re

from hypothesis import given
from hypothesis import strategies as st

from vaultscribe.core.diagram import mermaid
from vaultscribe.core.model import Diagram, Edge, Node, Shape

BITS = [
    *(
        "end",
        "subgraph x",
        "click A call alert(1)",
        "style n1 fill:#f00",
        "%%{init: {}}%%",
    ),
    *(
        '"',
        '"]',
        '"}}',
        '"])',
        "]",
        "}",
        "|",
        "-->",
        "-- >",
        "---",
        "==>",
        ";",
        "\n",
        "&",
    ),
    *(
        "#quot;",
        "#",
        "`x`",
        "<br/>",
        "<img src=x>",
        "**x**",
        "_x_",
        "$x$",
        "1. a",
        "- a",
    ),
    *("https://a.b", "[x](y)", "```", "</Mermaid_Diagram>", "classDef", "direction LR"),
    *(
        "\u2028",
        "\ud800",
        "\ufeff",
        "😀",
        "被拒",
        "a",
        " ",
        "\\",
        "~~~",
        ":::cls",
        "@{x}",
    ),
]
labels = st.one_of(
    st.lists(st.sampled_from(BITS), max_size=8).map("".join), st.text(max_size=120)
)
shapes: st.SearchStrategy[Shape] = st.sampled_from(("step", "turn", "outcome"))
nodes = st.builds(Node, st.integers(0, 6), labels, shapes)
edges = st.builds(Edge, st.integers(-1, 8), st.integers(-1, 8), labels)
diagrams = st.builds(
    Diagram,
    st.lists(nodes, min_size=1, max_size=7).map(tuple),
    st.lists(edges, max_size=7).map(tuple),
)

TEXT = r'"(?:[^"#;<>&`\\%$*_~\[\]\n]|#(?:quot|lt|gt|amp|\d+);)+"'
NODE = re.compile(rf"    (n\d+)(?:\[{TEXT}\]|\{{\{{{TEXT}\}}\}}|\(\[{TEXT}\]\))")
EDGE = re.compile(rf"    (n\d+) -->(?:\|{TEXT}\|)? (n\d+)")

APART = re.compile(r"    n\d+ ~~~ n\d+")


@given(diagrams)
def test_each_line_is_a_node_or_an_edge_between_nodes(diagram: Diagram) -> None:
    head, *lines = mermaid(diagram).split("\n")
    lines = [line for line in lines if not APART.fullmatch(line)]
    count = len(diagram.nodes)
    ids = [found[1] for line in lines[:count] if (found := NODE.fullmatch(line))]
    ends = [found.groups() for line in lines[count:] if (found := EDGE.fullmatch(line))]

    assert head in ("flowchart TD", "flowchart LR")
    assert ids == [f"n{number}" for number in range(1, count + 1)]
    assert len(ends) == len(lines) - count
    assert {each for pair in ends for each in pair} <= set(ids)


@given(diagrams)
def test_every_edge_between_nodes_is_drawn(diagram: Diagram) -> None:
    known = {node.id for node in diagram.nodes}
    wanted = [e for e in diagram.edges if e.source in known and e.target in known]

    assert mermaid(diagram).count(" -->") == len(wanted)


def test_shapes_and_words_carry_the_meaning() -> None:
    diagram = Diagram(
        (Node(5, "begin"), Node(2, "turn", "turn"), Node(9, "end", "outcome")),
        (Edge(5, 2, "then"), Edge(2, 9)),
    )

    assert mermaid(diagram).split("\n") == [
        "flowchart TD",
        '    n1["begin"]',
        '    n2{{"turn"}}',
        '    n3(["end"])',
        '    n1 -->|"then"| n2',
        "    n2 --> n3",
    ]


def test_a_label_that_holds_nothing_is_a_dot_and_such_a_word_is_none() -> None:
    diagram = Diagram((Node(1, "\ufeff "),), (Edge(1, 1, "\u2028"),))

    assert mermaid(diagram).split("\n")[1:] == ['    n1["·"]', "    n1 --> n1"]


def test_an_id_that_stands_twice_means_the_first() -> None:
    diagram = Diagram((Node(1, "a"), Node(1, "b"), Node(2, "c")), (Edge(1, 2),))

    assert mermaid(diagram).split("\n")[1:] == [
        '    n1["a"]',
        '    n2["b"]',
        '    n3["c"]',
        "    n1 --> n3",
    ]


def test_no_nodes_are_no_diagram() -> None:
    assert mermaid(Diagram((), (Edge(1, 2),))) == ""
