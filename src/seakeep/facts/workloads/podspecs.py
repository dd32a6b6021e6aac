"""The pod templates that hardening rules judge: one per workload, with its wished number of replicas. What was not seen is listed too, so that a rule can say that it does not know."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from seakeep.facts.autoscaling.autoscaled import autoscalers_of, floor
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.planned_parts import parts_within
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import Pod, PodSpec, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_ONE_EACH = {"Pod", "DaemonSet", "Job", "CronJob"}  # what decides how many pods there are is not a number of replicas


class Judged(Struct, frozen=True):
    """`ref` is what a person edits. `seen`: the source shows the containers; `full`: the whole spec; `admitted`: the spec is a pod's own, with the API server's defaults in it.

    `scaled` workloads have a number of replicas; `replicas` is None where they have none or the source does not show it. `lasting` is False for Jobs.
    """

    ref: Ref
    spec: PodSpec
    labels: Mapping[str, str]
    labels_known: bool
    replicas: int | None
    scaled: bool
    lasting: bool
    seen: bool
    full: bool
    admitted: bool


@once
def judged_templates(index: Index) -> tuple[Judged, ...]:
    """Static pods and their mirrors are left out: kubeadm writes them, and nobody edits them through the API. So are the tests of a Helm chart, which run when somebody asks."""
    return tuple(_judged(index, item) for item in known_templates(index) if not _is_passed_over(item))


def judged_after(index: Index, before: Index, moved: Collection[Ref]) -> tuple[Judged, ...]:
    """As `judged_templates`, where `before` knows those of all workloads but the `moved`; the autoscalers have to be the same."""
    known = _by_ref(before)
    return tuple(
        known[item.ref] if item.ref in known and item.ref not in moved else _judged(index, item)
        for item in known_templates(index)
        if not _is_passed_over(item)
    )


@once
def judged_parts(index: Index) -> Mapping[Ref, tuple[tuple[str, Judged], ...]]:
    """Custom resource of manifests → the pod templates inside it, each with its path: for rules that ask of what is written, of which all is there. What they leave out an operator may add."""
    found: dict[Ref, tuple[tuple[str, Judged], ...]] = {}
    for part in parts_within(index):
        entry = Judged(part.ref, part.spec, {}, False, None, False, True, True, True, False)
        found[part.ref] = (*found.get(part.ref, ()), (part.at, entry))
    return found


def _is_passed_over(template: Template) -> bool:
    marks = template.item.metadata.annotations
    if marks and ("kubernetes.io/config.mirror" in marks or marks.get("helm.sh/hook", "").startswith("test")):
        return True
    return template.ref.kind == "Pod" and template.labels.get("tier") == "control-plane"


def judged_of(index: Index, ref: Ref) -> Judged:
    """The template of a workload that was judged."""
    return _by_ref(index)[ref]


@once
def _by_ref(index: Index) -> Mapping[Ref, Judged]:
    return {entry.ref: entry for entry in judged_templates(index)}


def _judged(index: Index, template: Template) -> Judged:
    scaled = template.ref.kind not in _ONE_EACH
    return Judged(
        template.ref,
        template.spec,
        template.labels,
        template.labels_known,
        _replicas(index, template) if scaled else None,
        scaled,
        template.lasting,
        template.spec_known,
        template.full,
        isinstance(template.item, Pod),
    )


def _replicas(index: Index, template: Template) -> int | None:
    """What the workload itself says; how many pods there happen to be says nothing of what is meant. The API server makes 1 of a field that is left out, and an autoscaler at least its minReplicas, unless it is stopped."""
    ref = template.ref
    item = index.snapshot.find(ref)
    if isinstance(template.item, Workload):
        item = template.item  # a Rollout, read as a Deployment
    if not isinstance(item, Workload) or index.snapshot.depth(ref) is Depth.NAMED:
        return None
    written = item.spec.replicas
    if written is None and index.snapshot.depth(ref) is Depth.FULL:
        written = 1
    return max((written, *map(floor, autoscalers_of(index).get(ref, ())))) if written else written


def shows(index: Index, kind: str, namespace: str) -> bool:
    """Whether an object of the kind that was not seen is not there. Plain manifests are all that is meant to be."""
    return index.snapshot.intent_only or index.snapshot.lists_all(kind, namespace)


def unknown(rule: str, entry: Judged, what: str) -> Finding:
    """The rule applies, or may, and the source does not show what would settle it."""
    return Finding(rule, entry.ref, Outcome.SKIPPED, Severity.WARNING, f"the source does not show {what}")
