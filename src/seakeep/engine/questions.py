"""What the evidence does not settle, and the look-up that would: what was asked about first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from seakeep.contract.cause import POSSIBLE
from seakeep.facts.asked_about import asked_about, only_told, unheard, unseen
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import named, typed
from seakeep.facts.workloads.podstate import restarts
from seakeep.model.cause import Candidate, Question, Symptom
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref


def questions(
    index: Index,
    causes: Sequence[Candidate],
    unexplained: Sequence[Symptom],
    explained: Collection[Ref],
    *,
    answered: bool,
) -> tuple[Question, ...]:
    """`causes` in order of their rank; `answered` where one of them is more than possible."""
    ranked: list[tuple[int, Question]] = []
    for item in causes:
        if item.settled_by:
            told = item.confidence > POSSIBLE or any(is_asked_about(index, ref) for ref in (item.object, *item.affects))
            ranked.append((0 if told else 2, Question(f"Is it really {item.id} of {item.object}?", item.settled_by)))
    for symptom in unexplained:
        text = f"Why is {symptom.object} unwell ({symptom.text})?"
        ranked.append((1 if is_asked_about(index, symptom.object) else 3, Question(text, _lookup(index, symptom))))
    if not answered:
        ranked += [(1, question) for question in (*unheard(index, explained), *unseen(index, explained))]
    if not causes and not unexplained:
        ranked += [(1, question) for question in only_told(index, explained)]
    return tuple(dict.fromkeys(question for _, question in sorted(ranked, key=lambda entry: entry[0])))


def is_asked_about(index: Index, ref: Ref) -> bool:
    """The object itself, or the workload of a pod."""
    asked = asked_about(index)
    if not asked or ref in asked:
        return bool(asked)
    pod = index.snapshot.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
    return pod is not None and workload_of(index, pod) in asked


def _lookup(index: Index, item: Symptom) -> str:
    """Not what was done already: of a pod that was described and has run, its log tells more."""
    ref = item.object
    pod = index.snapshot.get(Pod, ref.namespace, ref.name) if ref.kind == "Pod" else None
    if pod and (restarts(pod) or "CrashLoop" in item.text):
        return f"kubectl logs {named(ref)} --previous --all-containers"
    if pod and ("Error" in item.text or (pod.status.phase == "Running" and ref in asked_about(index))):
        return f"kubectl logs {named(ref)} --all-containers"
    return f"kubectl describe {typed(ref)}"
