"""A plan as files for review: the plan, a kustomize overlay, plain manifests in Argo CD's sync waves, and the text of a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seakeep.model.change import Change, applied
from seakeep.model.fields import merged, path_of, placed
from seakeep.model.plan import Plan, Planned, Survived, Wave
from seakeep.model.refs import Ref
from seakeep.render.figures import figure
from seakeep.render.handoff.changes import changes
from seakeep.render.plan.diff import change_diff
from seakeep.render.plan.json_patch import operations
from seakeep.render.plan.text import fallen
from seakeep.render.report.markdown import code, plain_text
from seakeep.render.safe import file_names
from seakeep.render.yamls import dump

Object = Mapping[str, Any]
# https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
_SYNC_WAVE = "argocd.argoproj.io/sync-wave"
_BASE = "base"
# Characters of diffs: a forge takes some 65,000 for the whole text.
_LONGEST = 40_000
# Of these kustomize knows which lists are merged by a key; of all others it replaces them.
_MERGED = frozenset({"v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "policy/v1"})

# kustomize patches only what its own resources hold.
_WHOSE = "# Add the folder of your manifests to resources: the patches are for objects that stand there.\n"


def files(plan: Plan, manifests: Mapping[str, Sequence[Object]] | None = None) -> dict[str, str]:
    """Path → text. `manifests` are the files that were planned, by path: they are written as they were (base/) and as the plan leaves them (applied/)."""
    found = {"pull-request.md": pull_request(plan)}
    manifests = _each_once(manifests or {})
    found.update(_overlay(plan, manifests))
    if manifests:
        for path, objects in manifests.items():
            found[f"{_BASE}/{path}"] = _documents(objects)
        found[f"{_BASE}/kustomization.yaml"] = _kustomization(sorted(manifests), [])
        found.update(_applied(plan, manifests))
    return found


def _each_once(manifests: Mapping[str, Sequence[Object]]) -> dict[str, list[Object]]:
    """Of an object that stands in them twice, the later one, which is planned too: kustomize refuses a base that has both."""
    last = {_identified(item): id(item) for objects in manifests.values() for item in objects}
    kept = {path: [item for item in each if last[_identified(item)] == id(item)] for path, each in manifests.items()}
    return {path: objects for path, objects in kept.items() if objects}


def _identified(item: Object) -> tuple[str, Ref, int]:
    """What kustomize knows it by. Names that are still to be generated are everybody's."""
    ref = _ref(item)
    return str(item.get("apiVersion", "")).rpartition("/")[0], ref, 0 if ref.name else id(item)


def _overlay(plan: Plan, manifests: Mapping[str, Sequence[Object]]) -> Iterator[tuple[str, str]]:
    resources, patches = [f"../{_BASE}"] if manifests else [], []
    written = {_ref(item): item for objects in manifests.values() for item in objects}
    names = _names(plan)
    for number, wave in enumerate(plan.waves, start=1):
        for change in wave.changes:
            name = names[change.id]
            if change.base.exists:
                text, target = _patch(change, written)
                patches.append({"path": f"patches/{name}", **target})
                yield f"overlay/patches/{name}", text
            else:
                resources.append(f"objects/{name}")
                yield f"overlay/objects/{name}", dump(_in_wave(_made(change), number))
    text = _kustomization(resources, patches)
    yield "overlay/kustomization.yaml", text if manifests or not patches else f"{_WHOSE}{text}"


def _patch(change: Planned, written: Mapping[Ref, Object]) -> tuple[str, dict[str, Any]]:
    """A strategic merge patch; a JSON patch with its target where kustomize would replace the lists that it is to merge."""
    space = change.target.namespace or "default"
    item = written.get(change.target._replace(namespace=space)) if change.api_version not in _MERGED else None
    if item is None:
        return dump(strategic(change)), {}
    group, _, version = change.api_version.rpartition("/")
    target = {"group": group, "version": version, "kind": change.target.kind, "name": change.target.name}
    if change.target.namespace:
        target["namespace"] = change.target.namespace
    left = applied(item, Change(change.target, change.patch, change.remove))
    return dump(list(operations(item, left))), {"target": target}


def _kustomization(resources: Sequence[str], patches: Sequence[Mapping[str, Any]]) -> str:
    value: dict[str, Any] = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    if resources:
        value["resources"] = list(resources)
    if patches:
        value["patches"] = list(patches)
    return dump(value)


def strategic(change: Planned) -> dict[str, Any]:
    """The change as a strategic merge patch: null takes a field away, `$patch: delete` an entry of a list."""
    found: Any = _identity(change)
    found = merged(found, change.patch)
    for text in change.remove:
        path = path_of(text)
        last = path[-1]
        if isinstance(last, str):
            gone = placed(path[:-1], {last: None})
        else:
            gone = placed(path[:-1], [{**dict(last), "$patch": "delete"}])
        found = merged(found, gone)
    result: dict[str, Any] = found
    return result


def _identity(change: Planned) -> dict[str, Any]:
    space = {"namespace": change.target.namespace} if change.target.namespace else {}
    name = {"name": change.target.name, **space}
    return {"apiVersion": change.api_version, "kind": change.target.kind, "metadata": name}


def _made(change: Planned) -> dict[str, Any]:
    made: dict[str, Any] = merged(_identity(change), change.patch)
    return made


def _in_wave(item: Mapping[str, Any], number: int) -> dict[str, Any]:
    wave = {"metadata": {"annotations": {_SYNC_WAVE: str(number)}}}
    ordered: dict[str, Any] = merged(item, wave)
    return ordered


def _applied(plan: Plan, manifests: Mapping[str, Sequence[Object]]) -> Iterator[tuple[str, str]]:
    """Every manifest as the plan leaves it, and what the plan makes in files of its own."""
    left = {change.target: change for change in plan.changes}
    for path, objects in manifests.items():
        yield f"applied/{path}", _documents(_changed(item, left) for item in objects)
    names = _names(plan)
    for number, wave in enumerate(plan.waves, start=1):
        for change in wave.changes:
            if change.target in left:
                yield f"applied/{names[change.id]}", dump(_in_wave(_made(change), number))


def _changed(item: Object, left: dict[Ref, Planned]) -> Object:
    change = left.pop(_ref(item), None) or left.pop(_ref(item)._replace(namespace=""), None)
    if change is None:
        return item
    return applied(item, Change(change.target, change.patch, change.remove))


def _ref(item: Object) -> Ref:
    metadata = item.get("metadata") or {}
    return Ref(str(item.get("kind", "")), str(metadata.get("namespace") or "default"), str(metadata.get("name", "")))


def _documents(objects: Iterable[Object]) -> str:
    return "---\n".join(dump(dict(item)) for item in objects)


def _names(plan: Plan) -> dict[str, str]:
    """A file for each change."""
    parts = [(item.target.kind.lower(), item.target.namespace, item.target.name) for item in plan.changes]
    names = file_names("-".join(filter(None, each)) for each in parts)
    return {change.id: f"{name}.yaml" for change, name in zip(plan.changes, names, strict=True)}


def pull_request(plan: Plan) -> str:
    """Title, what it reaches, each change with its reasons and diff, what is left out, what only a person can decide, and how it is taken back."""
    before, after = plan.rehearsal.before.scores, plan.rehearsal.after.scores
    count = len(plan.changes)
    lines = [f"# {count} change{'s' if count != 1 else ''} planned for {plain_text(plan.source)}", ""]
    lines += ["| score | before | after |", "|---|---|---|"]
    lines += [f"| {name} | {figure(before.get(name))} | {figure(after.get(name))} |" for name in after]
    lines += ["", {"fine": "Rehearsed on the twin.", "refused": "**Refused by the rehearsal.**"}.get(plan.rehearsal.verdict, "Not rehearsed: the source shows no cluster.")]  # fmt: skip
    lines += [
        f"- {plain_text(text)}" for text in (*plan.rehearsal.refusals, *plan.rehearsal.notes, fallen(plan)) if text
    ]
    if plan.rehearsal.survival is not None and plan.rehearsal.survival.nodes:
        lines += _one_node_less(plan.rehearsal.survival)
    whole = [text for number, wave in enumerate(plan.waves, start=1) for text in _wave(number, wave)]
    if sum(map(len, whole)) > _LONGEST:
        lines += ["", "## Changes", "", "Each difference in full is in plan.yaml and in the manifests beside it."]
        whole = [text for block in changes(plan, {}, "###") for text in ("", block)]
    lines += whole
    owned = [change for change in plan.changes if change.reverted_by]
    if owned:
        lines += ["", "## Change these at their source", ""]
        lines += [f"- {code(change.id)}: {plain_text(change.reverted_by)}" for change in owned]
    if plan.left_out:
        lines += ["", "## Left out", ""]
        lines += [
            f"- {plain_text(str(item.target))} ({plain_text(item.rule)}): {plain_text(item.reason)}"
            for item in plan.left_out
        ]
    if plan.asked:
        lines += ["", "## Only a person can decide", ""]
        lines += [f"- {plain_text(str(item.object))} ({plain_text(item.rule)}): {plain_text(item.question)}" + (f" {code(item.lookup)}" if item.lookup else "") for item in plan.asked]  # fmt: skip
    lines += ["", "## Taking it back", ""]
    lines += [f"Revert this change, or `seakeep rollback` where plan {plan.id} was applied by Seakeep.", ""]
    return "\n".join(lines)


def _one_node_less(value: Survived) -> Iterator[str]:
    yield from ("", "## With one node less", "", "| what happens | services that serve on, before | after | the drain stops at |", "|---|---|---|---|")  # fmt: skip
    for item in value.nodes:
        stops = ", ".join(f"{ref.namespace}/{ref.name}" for ref in item.stops)
        what = f"{plain_text(item.node)} {'drained' if item.kind == 'drain' else 'lost'}"
        yield f"| {what} | {item.serving_before} of {item.services} | {item.serving} of {item.services} | {plain_text(stops)} |"
    if value.limits:
        yield from ("", "What one node still takes, or interrupts:", "")
    yield from (f"- {plain_text(item.reason)} ({len(item.services)}): {plain_text(', '.join(item.services))}" for item in value.limits)  # fmt: skip


def _wave(number: int, wave: Wave) -> Iterator[str]:
    yield from ("", f"## Wave {number}: {plain_text(wave.name)}", "", f"Gate: {plain_text(wave.gate)}.")
    for change in wave.changes:
        yield from _change(change)


def _change(change: Planned) -> Iterator[str]:
    verb = "change" if change.base.exists else "create"
    yield ""
    yield f"### {verb} {code(change.id)} ({change.risk.value} risk)"
    yield ""
    for reason in change.reasons:
        yield f"- {plain_text(reason.rule)}: {plain_text(reason.why)}"
    yield ""
    yield "```diff"
    for text in change_diff(change):
        yield text.rstrip("\n").replace("```", "'''")
    yield "```"
