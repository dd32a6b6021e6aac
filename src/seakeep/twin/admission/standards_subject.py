"""What the Pod Security Standards' checks look at, and the phrases they share. Source: k8s.io/pod-security-admission/policy/{visitor,helpers}.go."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from seakeep.model.objects import Pod
from seakeep.model.objects.pods import SecurityContext

NO_CONTEXT = SecurityContext()


class Subject:
    """What the checks look at. Init containers come first, as in Kubernetes' visitor."""

    def __init__(self, pod: Pod, version: int) -> None:
        spec = pod.spec
        self.spec, self.version, self.annotations = spec, version, pod.metadata.annotations
        self.context = spec.security_context or NO_CONTEXT
        self.containers = (*spec.init_containers, *spec.containers, *spec.ephemeral_containers)
        self.windows = version >= 25 and (spec.os or {}).get("name") == "windows"
        self.user_namespace = version >= 35 and spec.host_users is False

    def those(self, broken: Callable[[SecurityContext], bool]) -> list[str]:
        return [item.name for item in self.containers if broken(item.security_context or NO_CONTEXT)]


def setters(pod: bool, names: list[str]) -> list[str]:
    return [*(["pod"] if pod else []), *([containers(names)] if names else [])]


def containers(names: list[str]) -> str:
    return f"{plural('container', len(names))} {quoted(names)}"


def plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def use(names: list[str]) -> str:
    return "uses" if len(names) == 1 else "use"


def quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)
