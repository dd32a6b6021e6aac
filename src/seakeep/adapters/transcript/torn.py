"""A part of a description whose command and first lines were not pasted: its keys tell the kind, and it may tell the name elsewhere."""

from __future__ import annotations

import re

from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED

# Keys that only the description of one kind has, those of a container's block indented; asked in this order.
_SIGNS = (
    ("Node", late(r"^(?:Unschedulable|Allocatable|System Info|Non-terminated Pods|Allocated resources|PodCIDR):", re.MULTILINE)),
    ("Node", late(r"^ *(?:Memory|Disk|PID)Pressure +(?:True|False|Unknown) ", re.MULTILINE)),
    ("HorizontalPodAutoscaler", late(r"^(?:Min replicas|Max replicas|Deployment pods):", re.MULTILINE)),
    ("HorizontalPodAutoscaler", late(r"^ +(?:AbleToScale|ScalingActive) +(?:True|False) ", re.MULTILINE)),
    ("PersistentVolumeClaim", late(r"^(?:Used By|Mounted By|VolumeMode|StorageClass): ", re.MULTILINE)),
    ("Deployment", late(r"^(?:StrategyType|NewReplicaSet|OldReplicaSets):", re.MULTILINE)),
    ("Job", late(r"^(?:Parallelism|Pods Statuses):", re.MULTILINE)),
    ("Pod", late(r"^(?:Controlled By|Node-Selectors|QoS Class|Init Containers):|^Containers:$", re.MULTILINE)),
    ("Pod", late(r"^ +(?:Last State|Restart Count|Container ID): ", re.MULTILINE)),
    ("Pod", late(r"^ *Environment:\n(?:.*\n)+? *Mounts:", re.MULTILINE)),
    ("Pod", late(r"^Reason: +Evicted *\nMessage: ", re.MULTILINE)),
)  # fmt: skip
_NAMES = {
    "Node": late(r"^ *(?:HolderIdentity|Hostname|InternalDNS): +(?P<name>[a-z0-9][\w.-]*)|\bNode (?P<event>[a-z0-9][\w.-]*) status is now: |kubernetes\.io/hostname=(?P<label>[a-z0-9][\w.-]*)", re.MULTILINE),
    "PersistentVolumeClaim": late(r"claim \"[a-z0-9-]+/(?P<name>[a-z0-9][\w.-]*)\""),
    "Pod": late(r"Successfully assigned [a-z0-9-]+/(?P<name>[\w.-]+) to | in pod (?P<other>[a-z0-9][\w.-]*)_[a-z0-9-]+\("),
}  # fmt: skip
_PLACE = late(r"Successfully assigned (?P<pod>[a-z0-9-]+)/|claim \"(?P<claim>[a-z0-9-]+)/")
# The state's place in a container's block.
_STATE = late(r"^( *)(?:State|Last State): ", re.MULTILINE)
_DEPTH = 4
# What belongs to a state, where an editor made all lines alike.
_FLAT = late(r"^ {4}(?=(?:Reason|Message|Signal|Exit Code|Started|Finished): )", re.MULTILINE)
_NAMED = late(r"^Name:[ \t]+\S", re.MULTILINE)


def kind_in(text: str) -> str:
    """The kind whose description the text is, or is a part of; "" where it is none."""
    return next((kind for kind, sign in _SIGNS if sign.search(text)), "")


def torn_description(text: str) -> tuple[str, str] | None:
    """The command that would have printed it, and the text; None where it is no part of a description, or a whole one."""
    kind = "" if _NAMED.search(text) else kind_in(text)
    if not kind:
        return None
    found = _NAMES[kind].search(text) if kind in _NAMES else None
    name = next((group for group in found.groups() if group), UNNAMED) if found else UNNAMED
    where = _PLACE.search(text)
    place = f" -n {where['pod'] or where['claim']}" if where and kind != "Node" else ""
    # The pod that is meant shows once all are known.
    about = "pod" if kind == "Pod" and name == UNNAMED else f"{kind.lower()} {name}"
    return f"kubectl describe {about}{place}", _in_its_place(text)


def _in_its_place(text: str) -> str:
    """Lines of a container's block, moved back to where kubectl prints them."""
    match = _STATE.search(text)
    if match and len(match[1]) != _DEPTH:
        moved = _DEPTH - len(match[1])
        text = "\n".join(" " * moved + line if moved > 0 else line[-moved:] for line in text.split("\n"))
    return _FLAT.sub(r"  \g<0>", text) if match else text
