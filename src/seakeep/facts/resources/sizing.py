"""Requests and limits from what containers were measured to use, and from the heaps of Java virtual machines."""

from __future__ import annotations

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.proposing import selector_of
from seakeep.facts.resources.heap import heap_of
from seakeep.facts.resources.measured_use import Use, uses
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.change import Advice, Shared
from seakeep.model.objects import Container
from seakeep.model.quantity import format_bytes
from seakeep.model.refs import Ref

# Of a single reading, nobody knows how usual it is. Memory cannot be taken back from a process, so it gets its highest use and more; the limit leaves room for growth.
_ONE_READING, _REQUEST, _LIMIT = 1.2, 1.15, 1.3
_MI = 1024**2
# Metaspace, threads, code cache and direct buffers need about a quarter of the limit beside the heap; beside a large heap not more than this, unless a tenth is more.
_ROOM, _LARGE_ROOM, _TENTH = 1 / 3, 4096 * _MI, 1 / 8
_LEAST_CPU, _LEAST_MEMORY = 10, 32 * _MI


class Size(Struct, frozen=True):
    """Millicores and bytes to ask for, and the bytes to allow; None where nothing tells. `why` has the figures."""

    cpu: int | None
    memory: int | None
    limit: int | None
    why: str
    use: Use | None = None


def size_of(index: Index, ref: Ref, container: Container) -> Size:
    use, heap = uses(index).get((ref, container.name)), heap_of(container)
    memory, limit, said = None, None, []
    if use is not None:
        said.append(f"{container.name} used {use.text}")
        if use.memory is not None:
            most = max(use.memory, use.killed_at)
            memory, limit = most * _REQUEST, most * _LIMIT
    if heap is not None:
        said.append(f"{container.name} may fill a heap of {format_bytes(heap.size)} ({heap.text})")
        whole = heap.size + beside(heap.size)
        memory, limit = max(memory or 0, whole), max(limit or 0, whole)
    cpu = None if use is None or use.cpu is None else use.cpu * (1 if use.hours else _ONE_READING)
    return Size(
        None if cpu is None else rounded_cpu(cpu),
        None if memory is None else rounded_memory(memory),
        None if limit is None else rounded_memory(limit),
        ", and ".join(said),
        use,
    )


def beside(heap: int) -> int:
    """Bytes that a Java process needs beside its heap."""
    return round(max(min(heap * _ROOM, _LARGE_ROOM), heap * _TENTH))


def rounded_cpu(millicores: float) -> int:
    """Up to a figure that a person would write."""
    step = 10 if millicores <= 100 else 50 if millicores <= 1000 else 250
    return max(_up(millicores, step), _LEAST_CPU)


def rounded_memory(amount: float) -> int:
    step = 16 if amount <= 256 * _MI else 64 if amount <= 2048 * _MI else 256 if amount <= 8192 * _MI else 1024
    return max(_up(amount, step * _MI), _LEAST_MEMORY)


def _up(amount: float, step: int) -> int:
    return -(-int(-(-amount // 1)) // step) * step


def cpu_text(millicores: int) -> str:
    """As the API server writes it back: `1500m`, `2`."""
    return f"{millicores}m" if millicores % 1000 else str(millicores // 1000)


def amount_text(amount: int) -> str:
    """A memory quantity that is exactly so many bytes."""
    if amount % _MI:
        return str(amount)
    return f"{amount // _MI}Mi" if amount % (1024 * _MI) else f"{amount // (1024 * _MI)}Gi"


def ask_for_use(index: Index, entry: Judged) -> Advice:
    ref = entry.ref
    labels = (selector_of(index, ref) or {}).get("matchLabels", {})
    chosen = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    pick = f" -l {quote(chosen)}" if chosen else ""
    return Advice(
        f"How much CPU and memory do the containers of {ref} use?",
        f"kubectl top pod -n {quote(ref.namespace)}{pick} --containers",
        of_all(str(ref)),
    )


def of_all(subject: str) -> Shared:
    """One source of metrics answers for all."""
    question = "How much CPU and memory do the containers of {} use? A plan with `--metrics URL` sets it from that."
    return Shared(question, subject, "kubectl top pod -A --containers")
