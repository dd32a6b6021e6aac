"""What a roll-out broke, put back as the revision before had it: commands, selectors of nodes, tolerations, probes."""

from __future__ import annotations

from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.probes.probe_actions import action_of
from seakeep.facts.proposing import in_pod_spec, pod_spec_path
from seakeep.facts.scheduling.placement import matches_node_selector_map, nodes_seen, untolerated
from seakeep.facts.workloads.drift import previous_template
from seakeep.facts.workloads.template_repairs import changeable, standing
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Container, PodSpec
from seakeep.model.objects.pods import Toleration
from seakeep.model.refs import Ref

_LONGEST = 120


def container_before(index: Index, ref: Ref, name: str) -> Container | None:
    template = previous_template(index, ref)
    spec = template.spec if template else PodSpec()
    return next((each for each in (*spec.init_containers, *spec.containers) if each.name == name), None)


def command_before(index: Index, ref: Ref, name: str) -> Change | None:
    """Only for the image that it ran in: another one may have other programs."""
    item, old = standing(index, ref, name), container_before(index, ref, name)
    if item is None or old is None or old.image != item.container.image:
        return None
    now = (item.container.command, item.container.args)
    if (old.command, old.args) == now:
        return None
    fields: dict[str, Any] = {}
    gone = []
    for field, was, is_now in (("command", old.command, now[0]), ("args", old.args, now[1])):
        if was and was != is_now:
            fields[field] = list(was)
        elif is_now and not was:
            gone.append(item.path(field))
    shown = " ".join((*old.command, *old.args))[:_LONGEST] or "the image's own command"
    return item.change(fields, f"the revision before ran {shown} in the same image", tuple(gone))


def probe_before(index: Index, ref: Ref, name: str) -> Change | None:
    """What readiness asked before, where it asks something else now and all else of the container is the same."""
    item, old = standing(index, ref, name), container_before(index, ref, name)
    probe = item.container.readiness_probe if item else None
    was = old.readiness_probe if old else None
    if item is None or old is None or probe is None or was is None or action_of(probe) == action_of(was):
        return None
    if (old.image, old.command, old.args, old.env) != (
        item.container.image,
        item.container.command,
        item.container.args,
        item.container.env,
    ):
        return None
    action = action_of(was)
    gone = tuple(item.path("readinessProbe", handler) for handler in action_of(probe) if handler not in action)
    why = f"the revision before asked {_shown(action)}, with the same image, command and variables"
    return item.change({"readinessProbe": action}, why, gone)


def _shown(action: dict[str, Any]) -> str:
    return "; ".join(f"{how} {' '.join(str(value) for value in what.values())}" for how, what in action.items())[
        :_LONGEST
    ]


def selector_before(index: Index, ref: Ref) -> Change | None:
    """The nodeSelector of the revision before, where some node has its labels and none has those of today."""
    template, old = changeable(index, ref), previous_template(index, ref)
    if template is None or old is None or not index.snapshot.lists_all("Node", "*"):
        return None
    now, before = template.spec.node_selector, old.spec.node_selector
    fits = [node.name for node in nodes_seen(index) if matches_node_selector_map(old.spec, node)]
    if now == before or not fits or any(matches_node_selector_map(template.spec, node) for node in nodes_seen(index)):
        return None
    path = (*pod_spec_path(ref), "nodeSelector")
    wanted = {key: value for key, value in before.items() if now.get(key) != value}
    gone = [text_of((*path, key)) for key in now if key not in before] if before else [text_of(path)]
    shown = ", ".join(f"{key}={value}" for key, value in sorted(before.items())) or "no nodeSelector"
    why = f"no node carries the labels; the revision before had {shown}, which leaves {len(fits)} of {len(nodes_seen(index))} nodes"
    return Change(ref, in_pod_spec(ref, {"nodeSelector": wanted}) if wanted else {}, tuple(gone), Risk.MEDIUM, why)


def tolerations_before(index: Index, ref: Ref) -> Change | None:
    """The tolerations of the revision before, where they leave a node and those of today leave none."""
    template, old = changeable(index, ref), previous_template(index, ref)
    if template is None or old is None or not index.snapshot.lists_all("Node", "*"):
        return None
    missing = [item for item in old.spec.tolerations if item not in template.spec.tolerations]
    open_to = [node.name for node in nodes_seen(index) if not untolerated(old.spec, node)]
    if not missing or not open_to or any(not untolerated(template.spec, node) for node in nodes_seen(index)):
        return None
    entries = [_toleration(item) for item in (*template.spec.tolerations, *missing)]
    keys = ", ".join(sorted({item.key or "every taint" for item in missing}))
    why = f"the revision before tolerated {keys}, which leaves {len(open_to)} of {len(nodes_seen(index))} nodes, and today's tolerations leave none"
    return Change(ref, in_pod_spec(ref, {"tolerations": entries}), (), Risk.MEDIUM, why)


def _toleration(item: Toleration) -> dict[str, Any]:
    found: dict[str, Any] = {"key": item.key} if item.key else {}
    found |= {"operator": item.operator or "Equal"}
    found |= {name: value for name, value in (("value", item.value), ("effect", item.effect)) if value}
    return found if item.toleration_seconds is None else {**found, "tolerationSeconds": item.toleration_seconds}
