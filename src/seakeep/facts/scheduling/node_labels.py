"""Node labels against what selectors ask for."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.facts.proposing import pod_spec_path
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Node
from seakeep.model.refs import Ref

TEMPLATED = frozenset({"CronJob", "DaemonSet", "Deployment", "StatefulSet"})


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


def corrected(index: Index, ref: Ref, selector: Mapping[str, str]) -> Change | None:
    """Labels that no node carries at all are taken out of a workload's nodeSelector: they bar every node alike, so that they tell nothing apart. None where all nodes were not seen, or where nodes carry the key with other values: which of them was meant is for a person to say."""
    nodes = list(index.snapshot.all(Node))
    if not index.snapshot.lists_all("Node", "*") or ref.kind not in TEMPLATED:
        return None
    unknown = sorted(key for key in selector if not any(key in node.labels for node in nodes))
    others = {key: value for key, value in selector.items() if key not in unknown}
    if not unknown or not any(others.items() <= node.labels.items() for node in nodes):
        return None
    path = (*pod_spec_path(ref), "nodeSelector")
    remove = tuple(text_of((*path, key) if others else path) for key in (unknown if others else unknown[:1]))
    told = f"no node of {len(nodes)} has the label {', '.join(unknown)}, so that it bars them all"
    return Change(ref, {}, remove, Risk.MEDIUM, told)
