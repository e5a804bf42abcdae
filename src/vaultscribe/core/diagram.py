"""Write a concept map as mermaid; its labels come from outside, its grammar never."""

from vaultscribe.core.layout import arrange
from vaultscribe.core.model import Diagram, Shape
from vaultscribe.core.neutralise import mermaid_label, one_line

_OUTLINE: dict[Shape, tuple[str, str]] = {
    "step": ("[", "]"),
    "turn": ("{{", "}}"),
    "outcome": ("([", "])"),
}
"""Shapes carry the meaning, so that the map reads in light and in dark themes."""

WORD_LIMIT = 24
"""Characters of the word on an arrow."""


def mermaid(diagram: Diagram) -> str:
    """Write *diagram* as a flowchart, without its fence; empty without nodes.

    Ids become `n1`, `n2`, … in the order of the nodes, so that no label can be a
    keyword; an edge to a node that is not there is left out. A map that would be too
    wide to be read runs to the right, or has its rows broken by `~~~`, which draws
    nothing.
    """
    if not diagram.nodes:
        return ""
    labels = [one_line(node.label) or "·" for node in diagram.nodes]
    places: dict[int, int] = {}
    for place, node in enumerate(diagram.nodes):
        places.setdefault(node.id, place)
    arrows = [
        (places[edge.source], places[edge.target], one_line(edge.word))
        for edge in diagram.edges
        if edge.source in places and edge.target in places
    ]
    direction, apart = arrange(labels, arrows)
    lines = [f"flowchart {direction}"]
    for number, (node, label) in enumerate(zip(diagram.nodes, labels, strict=True), 1):
        left, right = _OUTLINE[node.shape]
        lines.append(f"    n{number}{left}{mermaid_label(label)}{right}")
    for source, target, word in arrows:
        written = f"|{mermaid_label(word, WORD_LIMIT)}|" if word else ""
        lines.append(f"    n{source + 1} -->{written} n{target + 1}")
    lines += [f"    n{above + 1} ~~~ n{below + 1}" for above, below in apart]
    return "\n".join(lines)
