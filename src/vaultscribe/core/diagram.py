"""Write a concept map as mermaid; its labels come from outside, its grammar never."""

from vaultscribe.core.model import Diagram, Shape
from vaultscribe.core.neutralise import mermaid_label

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
    names = {node.id: f"n{i}" for i, node in enumerate(diagram.nodes, start=1)}
    lines = ["flowchart TD"]
    for node in diagram.nodes:
        left, right = _OUTLINE[node.shape]
        label = mermaid_label(node.label or "·")
        lines.append(f"    {names[node.id]}{left}{label}{right}")
    for edge in diagram.edges:
        if edge.source in names and edge.target in names:
            word = f"|{mermaid_label(edge.word, WORD_LIMIT)}|" if edge.word else ""
            lines.append(f"    {names[edge.source]} -->{word} {names[edge.target]}")
    return "\n".join(lines)
