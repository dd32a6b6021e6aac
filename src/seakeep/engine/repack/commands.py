"""What was played, as commands of kubectl: evictions go through the API that respects budgets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.engine.repack.make import Found
from seakeep.facts.proposing import pod_spec_path
from seakeep.facts.shell_words import named, quote
from seakeep.model.change import Change
from seakeep.model.fields import value_at
from seakeep.model.refs import Ref
from seakeep.model.repacking import Move

_ROLLED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


def commands(found: Found) -> tuple[str, ...]:
    changes = {item.target: item for item in found.resizings}
    moves = {f"{item.pod.namespace}/{item.pod.name}": item for item in found.moves}
    rows: list[str] = []
    for step in found.steps:
        if step.verb == "evict":
            rows += _eviction(moves[step.targets[0]])
        elif step.verb == "apply":
            rows += [row for item in step.objects for row in _resizing(changes[_named(item)])]
        else:
            rows.append(f"kubectl {step.verb} {' '.join(quote(name) for name in step.targets)}")
    return tuple(rows)


def _named(item: Mapping[str, Any]) -> Ref:
    return Ref(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"])


def _resizing(change: Change) -> Iterator[str]:
    """Container by container, and then the roll-out's end."""
    ref = change.target
    for item in value_at(change.patch, (*pod_spec_path(ref), "containers")):
        requests = ",".join(f"{key}={value}" for key, value in sorted(item["resources"]["requests"].items()))
        yield f"kubectl set resources {_words(ref)} -c {quote(item['name'])} --requests={quote(requests)}"
    yield from _rolled(ref)


def _eviction(move: Move) -> Iterator[str]:
    """`kubectl create --raw` posts to the eviction subresource, of exactly this pod: `kubectl drain` takes labels, which replicas share."""
    pod, name = move.pod, move.pod.name if move.known else "POD"
    if not move.known:
        yield f"# {move.workload}: of its pods on {move.source}, which the commands above have made, take one for POD"
        yield f"kubectl get pods -n {quote(pod.namespace)} --field-selector spec.nodeName={quote(move.source)}"
    metadata = {"name": name, "namespace": pod.namespace}
    body = json.dumps({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata})
    path = f"/api/v1/namespaces/{pod.namespace}/pods/{name}/eviction"
    yield f"echo {quote(body)} | kubectl create --raw {quote(path)} -f -"
    yield f"kubectl wait --for=delete pod/{quote(name)} -n {quote(pod.namespace)} --timeout=5m"
    yield from _rolled(move.workload)


def _rolled(ref: Ref) -> Iterator[str]:
    if ref.kind in _ROLLED:
        yield f"kubectl rollout status {_words(ref)}"


def _words(ref: Ref) -> str:
    return f"{quote(ref.kind.lower())}/{named(ref)}"
