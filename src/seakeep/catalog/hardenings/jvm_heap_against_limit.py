"""A Java heap leaves its container too little room.

What: -Xmx (or a Spark memory setting) is more than four fifths of limits.memory, and less than 4Gi remain beside it.

Why: metaspace, threads, code cache and direct buffers come beside the heap. It works until the heap fills; then the kernel kills the process without a stack trace.

Bad:
    env: [{name: KAFKA_HEAP_OPTS, value: -Xmx1740m}]
    resources: {limits: {memory: 2Gi}}

Good:
    env: [{name: KAFKA_HEAP_OPTS, value: -Xmx1536m}]
    resources: {limits: {memory: 2Gi}}

Ignore when: it was measured under full load, and the figures say that it fits.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.heap import HeapSetting, heap_setting
from seakeep.facts.resources.sizing import amount_text, beside, rounded_memory
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.quantity import format_bytes

_MOST = 0.8


def _answer(index: Index, entry: Judged) -> Answer:
    if not entry.seen:
        traits = index.traits.get(entry.ref)
        return Unseen("its containers") if traits and traits.jvm else None
    if not any(heap_setting(item) for item in entry.spec.containers):
        return None
    return "; ".join(_says(name, setting) for name, setting in _tight(entry).items()) or HOLDS


def _tight(entry: Judged) -> dict[str, HeapSetting]:
    found = {item.name: heap_setting(item) for item in entry.spec.containers}
    return {name: item for name, item in found.items() if item and _is_tight(item)}


def _is_tight(setting: HeapSetting) -> bool:
    return setting.heap > _MOST * setting.limit and setting.limit - setting.heap < beside(setting.heap)


def _says(name: str, setting: HeapSetting) -> str:
    return f"the heap of {name} ({setting.text}) takes {setting.heap / setting.limit:.0%} of its limit of {format_bytes(setting.limit)}"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """More room rather than a smaller heap: the heap was somebody's choice."""
    ref = finding.object
    entry = judged_of(index, ref)
    tight = _tight(entry)
    limits = {name: amount_text(rounded_memory(item.heap + beside(item.heap))) for name, item in tight.items()}
    patches = {name: {"resources": {"limits": {"memory": limit}}} for name, limit in limits.items()}
    room = ", ".join(
        f"{limits[name]} leave {format_bytes(beside(item.heap))} beside it" for name, item in tight.items()
    )
    why = f"{finding.detail}; {room}"
    return fixed(ref, "a larger memory limit") or (Change(ref, in_containers(ref, patches), (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "jvm-heap-against-limit",
    "Java heap against the memory limit",
    _answer,
    path="spec.template.spec.containers[].resources.limits.memory",
    repair="Raise limits.memory a third above the heap, or lower the heap to three quarters of it.",
    propose=propose,
)
