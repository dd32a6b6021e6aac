"""Node labels against what selectors ask for."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.model.objects import Node


def as_text(selector: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))


def near_misses(index: Index, selector: Mapping[str, str]) -> str:
    """The values that nodes do carry for the keys asked for, as a clause for a summary; "" where no node was seen with labels."""
    labelled = [node for node in index.snapshot.all(Node) if node.labels]
    if not labelled or not selector:
        return ""
    clauses = []
    for key, wanted in sorted(selector.items()):
        values = sorted({node.labels[key] for node in labelled if key in node.labels})
        if wanted in values:
            continue
        clauses.append(f"nodes have {key}={'|'.join(values[:5])}" if values else f"no node has the label {key}")
    return f" ({'; '.join(clauses)})" if clauses else ""
