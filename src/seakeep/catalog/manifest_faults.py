"""What validation would say of manifests, each by itself. Most have no fault and are written like others: names, labels and words are taken out that are right at first sight, and of what then is the same one is judged for all.

What is left is all that the rules are shown, so that none can look at what was taken out: one that should has no effect at all until it is let through here, which its first case tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from msgspec.structs import replace

from seakeep.facts.admission.written_rules import broken_rules
from seakeep.model.objects import (
    Container,
    CronJob,
    KubeObject,
    LabelSelector,
    Metadata,
    PodTemplate,
    Requirement,
    Service,
    StatefulSet,
    Unstructured,
    Workload,
)
from seakeep.model.objects.pods import ContainerPort, Volume
from seakeep.model.quantity import QuantityError
from seakeep.twin.admission import forms
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.validation import everything, faults

_MOST_FORMS = 8  # of a kind: each manifest is compared with all of them
# Right as the name of any object and as the value of any label.
_PLAIN = re.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_UNFILLED = re.compile(r"\{\{|\$[({]")
# Of all labels, and not empty, which a workload's may not be.
_SELECTS_ALL = LabelSelector(match_expressions=(Requirement(key="x", operator="DoesNotExist"),))
_ANY_IMAGE, _ANY_PORT, _MOST_PORT = "x", 1, 65535
_NAMELESS = Metadata(name="x")


class ManifestFaults:
    """`placed`: see `broken_rules`."""

    def __init__(self, *, placed: bool) -> None:
        self._placed = placed
        self._right: dict[type[KubeObject], list[KubeObject]] = {}

    def of(self, item: KubeObject) -> list[tuple[str, str]]:
        """Path and fault."""
        if _is_unfinished(item):
            return []
        form = _wordless(_unnamed(item))
        known = self._right.setdefault(type(item), [])
        if form in known:
            return []
        if any(self._judged(form)):
            # Once more, in words that speak of it.
            return list(self._judged(item))
        if len(known) < _MOST_FORMS:
            known.append(form)
        return []

    def _judged(self, item: KubeObject) -> Iterator[tuple[str, str]]:
        yield from broken_rules(item, placed=self._placed)
        yield from _scheduled(item)
        yield from _validated(item)


def _validated(item: KubeObject) -> Iterator[tuple[str, str]]:
    if isinstance(item, Unstructured) or item.api_version.startswith("extensions/"):
        return
    # Of an older version other fields are required.
    judged = faults if "beta" in item.api_version else everything
    try:
        found = judged(defaulted(_with_claims(item)))
    except QuantityError:
        # The reader has told of it, or it is still to be filled in.
        return
    for text in found:
        path, _, fault = text.partition(": ")
        # A number that is filled in later is read as none.
        if not _UNFILLED.search(fault) and not fault.startswith("Invalid value: 0: "):
            yield path, fault


def _scheduled(item: KubeObject) -> Iterator[tuple[str, str]]:
    if not isinstance(item, CronJob) or not item.spec.schedule:
        return
    # Imported where it is needed, for the time zones that come with it.
    from seakeep.twin.controllers.schedule import ScheduleError, parse

    try:
        parse(item.spec.schedule.removeprefix("TZ=UTC ").strip())
    except ScheduleError as error:
        yield "spec.schedule", f'"{item.spec.schedule[:60]}" is no schedule: {error}'


def _is_unfinished(item: KubeObject) -> bool:
    """A sketch without its apiVersion, a template, a patch, or a Kustomize base to which labels and selectors are still added."""
    if not item.api_version or _UNFILLED.search(item.name):
        return True
    return isinstance(item, Workload) and not (item.spec.selector or item.spec.template.metadata.labels)


def _unnamed(item: KubeObject) -> KubeObject:
    """Without names and labels that are right: to judge these takes longer than all the rest."""
    if not item.metadata.owner_references and _PLAIN.fullmatch(item.name) and _are_plain(item.labels):
        item = replace(item, metadata=_NAMELESS)
    if not isinstance(item, Workload):
        return item
    selector, template = item.spec.selector, item.spec.template
    labels = template.metadata.labels
    if selector is None or not selector.match_labels or selector.match_expressions:
        return item
    if selector.match_labels.items() <= labels.items() and _are_plain(labels):
        item = replace(item, spec=replace(item.spec, selector=_SELECTS_ALL, template=PodTemplate(spec=template.spec)))
    return item


def _are_plain(labels: Mapping[str, str]) -> bool:
    return all(_PLAIN.fullmatch(value) and _is_key(key) for key, value in labels.items())


@cache
def _is_key(text: str) -> bool:
    return not any(forms.labels({text: ""}, ""))


def _wordless(item: KubeObject) -> KubeObject:
    """Without what a Service selects, how many pods there are to be, and what runs in them."""
    if isinstance(item, Service):
        return replace(item, spec=replace(item.spec, selector={}))
    if not isinstance(item, Workload):
        return item
    template = item.spec.template
    spec = replace(
        template.spec,
        containers=tuple(map(_container, template.spec.containers)),
        init_containers=tuple(map(_container, template.spec.init_containers)),
        service_account_name="",
    )
    replicas = item.spec.replicas if (item.spec.replicas or 0) < 0 else None
    return replace(item, spec=replace(item.spec, replicas=replicas, template=replace(template, spec=spec)))


def _container(item: Container) -> Container:
    return replace(
        item,
        image=item.image and _ANY_IMAGE,
        command=(),
        args=(),
        env_from=(),
        # A variable may not have both a value and a source, and of a pod's fields it may have some.
        env=tuple(entry for entry in item.env if entry.value_from and (entry.value or entry.value_from.field_ref)),
        ports=tuple(map(_port, item.ports)),
    )


def _port(item: ContainerPort) -> ContainerPort:
    return replace(item, container_port=_ANY_PORT) if 1 <= item.container_port <= _MOST_PORT else item


def _with_claims(item: KubeObject) -> KubeObject:
    """A StatefulSet's claims become volumes of its pods, whose mounts the API server looks at."""
    if not isinstance(item, StatefulSet):
        return item
    own = {claim.name for claim in item.spec.volume_claim_templates}
    pod = item.spec.template.spec
    kept = tuple(each for each in pod.volumes if each.name not in own)
    pod = replace(pod, volumes=(*kept, *(Volume(name=name) for name in sorted(own))))
    return replace(item, spec=replace(item.spec, template=replace(item.spec.template, spec=pod)))
