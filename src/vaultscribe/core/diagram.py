"""Write a concept map as mermaid; its labels come from outside, its grammar never."""

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
    keyword; an edge to a node that is not there is left out.
    """
    if not diagram.nodes:
        return ""
    names: dict[int, str] = {}
    lines = ["flowchart TD"]
    for number, node in enumerate(diagram.nodes, start=1):
        left, right = _OUTLINE[node.shape]
        label = mermaid_label(one_line(node.label) or "·")
        lines.append(f"    n{number}{left}{label}{right}")
        names.setdefault(node.id, f"n{number}")
    for edge in diagram.edges:
        if edge.source in names and edge.target in names:
            text = one_line(edge.word)
            word = f"|{mermaid_label(text, WORD_LIMIT)}|" if text else ""
            lines.append(f"    {names[edge.source]} -->{word} {names[edge.target]}")
    return "\n".join(lines)
