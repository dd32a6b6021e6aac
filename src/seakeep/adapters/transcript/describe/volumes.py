"""Claims, volumes and storage classes."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.transcript.describe import pods
from seakeep.adapters.transcript.describe.sections import Sections, text

Raw = dict[str, Any]

_MODES = {"RWO": "ReadWriteOnce", "ROX": "ReadOnlyMany", "RWX": "ReadWriteMany", "RWOP": "ReadWriteOncePod"}


def claim(sections: Sections) -> Raw:
    spec: Raw = {
        "volumeName": text(sections, "Volume"),
        "accessModes": [_MODES.get(mode, mode) for mode in text(sections, "Access Modes").split(",") if mode],
        "volumeMode": text(sections, "VolumeMode") or "Filesystem",
        "storageClassName": text(sections, "StorageClass") or None,
    }
    return {
        "metadata": {"finalizers": re.findall(r"[\w./-]+", text(sections, "Finalizers"))},
        "spec": spec,
        "status": {
            "phase": text(sections, "Status").partition(" ")[0],
            "capacity": {"storage": text(sections, "Capacity")} if text(sections, "Capacity") else {},
            "conditions": pods.conditions(sections),
        },
    }


def volume(sections: Sections) -> Raw:
    namespace, _, name = text(sections, "Claim").partition("/")
    return {
        "spec": {
            "capacity": {"storage": text(sections, "Capacity")} if text(sections, "Capacity") else {},
            "accessModes": [_MODES.get(mode, mode) for mode in text(sections, "Access Modes").split(",") if mode],
            "storageClassName": text(sections, "StorageClass"),
            "persistentVolumeReclaimPolicy": text(sections, "Reclaim Policy"),
            "claimRef": {"namespace": namespace, "name": name} if name else None,
        },
        "status": {"phase": text(sections, "Status").partition(" ")[0], "message": text(sections, "Message")},
    }


def storage_class(sections: Sections) -> Raw:
    found: Raw = {
        "provisioner": text(sections, "Provisioner"),
        "reclaimPolicy": text(sections, "ReclaimPolicy"),
        "volumeBindingMode": text(sections, "VolumeBindingMode"),
        "allowVolumeExpansion": text(sections, "AllowVolumeExpansion") == "True",
    }
    if text(sections, "IsDefaultClass") == "Yes":
        found["metadata"] = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    return found
