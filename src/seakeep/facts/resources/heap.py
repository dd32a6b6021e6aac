"""Heap settings of Java virtual machines against the container's memory limit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from seakeep.model.objects import Container
from seakeep.model.quantity import QuantityError, value

_FLAG = re.compile(r"-Xmx(?P<amount>\d{1,15})(?P<unit>[kKmMgGtT]?)\b")
_SETTING = re.compile(r"(?P<amount>\d{1,15}(?:\.\d+)?)\s*(?P<unit>[kKmMgGtT])(?:i?[bB])?")
_UNIT = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
# Variables that carry JVM options, and those whose whole value is a heap size.
_OPTION_VARIABLES = re.compile(r"JAVA|JVM|HEAP|ES_JAVA_OPTS|OPTS$|JDK_", re.IGNORECASE)
_SIZE_VARIABLES = re.compile(
    r"^(?:SPARK_(?:DRIVER|EXECUTOR|WORKER|DAEMON|HISTORY)\w*_?MEMORY|HEAP_SIZE|MAX_HEAP_SIZE|JVM_HEAP_SIZE|XMX)$",
    re.IGNORECASE,
)
# Metaspace, threads, code cache and direct buffers need room beside the heap; with less than this share left, the kernel ends the process when the heap fills.
OVERHEAD = 0.10


class HeapSetting(Struct, frozen=True):
    """Bytes of heap and of the limit, and where the heap is set."""

    heap: int
    limit: int
    path: str
    text: str

    @property
    def exceeds(self) -> bool:
        return self.heap > self.limit * (1 - OVERHEAD)


class Heap(Struct, frozen=True):
    """Bytes, and where they are set."""

    size: int
    path: str
    text: str


def heap_of(container: Container) -> Heap | None:
    """None where the container's spec sets no heap."""
    for variable in container.env:
        if _is_size(variable.name) and (match := _SETTING.fullmatch(variable.value.strip())):
            return Heap(_bytes(match), f"env.{variable.name}", variable.value)
        # The plain search first: most variables hold no flag.
        if (
            "-Xmx" in variable.value
            and _OPTION_VARIABLES.search(variable.name)
            and (match := _FLAG.search(variable.value))
        ):
            return Heap(_bytes(match), f"env.{variable.name}", match[0])
    for word in (*container.command, *container.args):
        if "-Xmx" in word and (match := _FLAG.search(word)):
            return Heap(_bytes(match), "command", match[0])
    return None


@lru_cache(maxsize=4096)
def _is_size(name: str) -> bool:
    return bool(_SIZE_VARIABLES.search(name))


def heap_setting(container: Container) -> HeapSetting | None:
    """None where the container has no memory limit or no explicit heap."""
    heap = heap_of(container) if "memory" in container.resources.limits else None
    if heap is None:
        return None
    try:
        limit = value(container.resources.limits["memory"])
    except QuantityError:
        return None
    return HeapSetting(heap.size, limit, heap.path, heap.text)


def heap_in(options: Iterable[str], container: Container) -> HeapSetting | None:
    """Of options that stand elsewhere than in the container's specification; `path` is left to the caller."""
    match = next((found for line in options if (found := _FLAG.search(line))), None)
    if match is None or "memory" not in container.resources.limits:
        return None
    try:
        limit = value(container.resources.limits["memory"])
    except QuantityError:
        return None
    return HeapSetting(_bytes(match), limit, "", match[0])


def carries_options(name: str) -> bool:
    """Whether a variable of that name holds options of a Java virtual machine."""
    return bool(_OPTION_VARIABLES.search(name))


def _bytes(match: re.Match[str]) -> int:
    return int(float(match["amount"]) * _UNIT[match["unit"].lower()])
