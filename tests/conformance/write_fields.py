"""Writes src/seakeep/data/fields.json: the fields of Kubernetes' built-in kinds and their types, from the OpenAPI that the Kubernetes module ships.

    .venv/bin/python -m tests.conformance.write_fields $(go list -m -f '{{.Dir}}' k8s.io/kubernetes)/api/openapi-spec/v3 1.37

An object's fields that may not be left out stand under `!`. A type is `s` text, `i` whole number, `n` number, `b` true or false, `q` quantity, `x` number or text, `y` base64, `a` anything, a number (the place of an object's fields in `types`), or `[` and `{` before another: a list and a map of it. `e` and a number is one of the words at that place of `words`: the OpenAPI leaves them out, so they are written here from pkg/apis/*/validation.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# What people write by hand. Statuses are the controllers', and managed fields the API server's.
_GROUPS = ("api__v1", "apis__apps__v1", "apis__batch__v1", "apis__autoscaling__v1", "apis__autoscaling__v2", "apis__policy__v1", "apis__networking.k8s.io__v1", "apis__rbac.authorization.k8s.io__v1", "apis__storage.k8s.io__v1", "apis__scheduling.k8s.io__v1", "apis__node.k8s.io__v1")  # fmt: skip
_LEFT_OUT = frozenset({"Node", "Event", "Binding", "ComponentStatus", "Endpoints", "Eviction", "Scale", "TokenRequest", "Status", "DeleteOptions", "WatchEvent", "APIResourceList", "PodTemplate"})  # fmt: skip
_OPAQUE = frozenset({"status", "managedFields"})
# The API server takes what is empty; what a workload lacks is judged with the rest of it, for Kustomize adds selectors.
_MAY_LACK = frozenset({"PriorityClass.value", "StatefulSetSpec.serviceName", "Role.rules", "ClusterRole.rules", "HTTPHeader.value", "Sysctl.value", "PodSpec.containers", "CSIDriver.spec", *(f"{kind}Spec.{field}" for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet") for field in ("selector", "template"))})  # fmt: skip
_PROTOCOLS, _OPERATORS = "TCP UDP SCTP", "In NotIn Exists DoesNotExist"
_WORDS = {
    "Container.imagePullPolicy": "Always IfNotPresent Never",
    "ContainerPort.protocol": _PROTOCOLS,
    "ServicePort.protocol": _PROTOCOLS,
    "NetworkPolicyPort.protocol": _PROTOCOLS,
    "ServiceSpec.type": "ClusterIP NodePort LoadBalancer ExternalName",
    "ServiceSpec.sessionAffinity": "None ClientIP",
    "ServiceSpec.internalTrafficPolicy": "Cluster Local",
    "ServiceSpec.externalTrafficPolicy": "Cluster Local",
    "PodSpec.restartPolicy": "Always OnFailure Never",
    "PodSpec.dnsPolicy": "ClusterFirst ClusterFirstWithHostNet Default None",
    "HTTPGetAction.scheme": "HTTP HTTPS",
    "HTTPIngressPath.pathType": "Exact Prefix ImplementationSpecific",
    "CronJobSpec.concurrencyPolicy": "Allow Forbid Replace",
    "JobSpec.completionMode": "NonIndexed Indexed",
    "DeploymentStrategy.type": "RollingUpdate Recreate",
    "DaemonSetUpdateStrategy.type": "RollingUpdate OnDelete",
    "StatefulSetUpdateStrategy.type": "RollingUpdate OnDelete",
    "StatefulSetSpec.podManagementPolicy": "OrderedReady Parallel",
    "PersistentVolumeClaimSpec.accessModes": "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod",
    "PersistentVolumeSpec.accessModes": "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod",
    "PersistentVolumeClaimSpec.volumeMode": "Filesystem Block",
    "PersistentVolumeSpec.persistentVolumeReclaimPolicy": "Retain Delete Recycle",
    "StorageClass.reclaimPolicy": "Retain Delete",
    "StorageClass.volumeBindingMode": "Immediate WaitForFirstConsumer",
    "NetworkPolicySpec.policyTypes": "Ingress Egress",
    "TopologySpreadConstraint.whenUnsatisfiable": "DoNotSchedule ScheduleAnyway",
    "Toleration.effect": "NoSchedule PreferNoSchedule NoExecute",
    "LabelSelectorRequirement.operator": _OPERATORS,
    "NodeSelectorRequirement.operator": f"{_OPERATORS} Gt Lt",
    "PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy": "IfHealthyBudget AlwaysAllow",
    "LimitRangeItem.type": "Container Pod PersistentVolumeClaim",
    "MetricTarget.type": "Utilization Value AverageValue",
    "MetricSpec.type": "Resource ContainerResource Pods Object External",
}
_SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}
_FORMS = {"int-or-string": "x", "byte": "y"}
TARGET = Path(__file__).parents[2] / "src/seakeep/data/fields.json"


class Fields:
    """Object types in the order in which they are met, each once."""

    def __init__(self) -> None:
        self.types: list[dict[str, str]] = []
        self._places: dict[str, int] = {}
        self.schemas: dict[str, Any] = {}
        self.words = sorted(set(_WORDS.values()))

    def of(self, schema: dict[str, Any]) -> str:
        schema = schema["allOf"][0] if len(schema.get("allOf", ())) == 1 else schema
        if "$ref" in schema:
            return self.named(schema["$ref"].rpartition("/")[2])
        if schema.get("format") in _FORMS:
            return _FORMS[schema["format"]]
        if schema.get("type") == "array":
            return f"[{self.of(schema['items'])}"
        if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
            return "{" + self.of(schema["additionalProperties"])
        return _SCALARS.get(schema.get("type", ""), "a")

    def named(self, name: str) -> str:
        found = self.schemas[name]
        if name.endswith(".Quantity"):
            return "q"
        if "properties" not in found:
            return self.of(found)
        if name not in self._places:
            place = self._places[name] = len(self.types)
            self.types.append({})
            short = name.rpartition(".")[2]
            needed = [field for field in found.get("required", ()) if f"{short}.{field}" not in _MAY_LACK]
            if needed:
                self.types[place]["!"] = ",".join(sorted(needed))
            for field, part in sorted(found["properties"].items()):
                form = "a" if field in _OPAQUE else self.of(part)
                if words := _WORDS.get(f"{short}.{field}"):
                    form = f"{form[:-1]}e{self.words.index(words)}"
                self.types[place][field] = form
        return str(self._places[name])


def main(folder: str, version: str) -> None:
    fields, kinds = Fields(), {}
    for group in _GROUPS:
        fields.schemas |= json.loads(Path(folder, f"{group}_openapi.json").read_bytes())["components"]["schemas"]
    for name, schema in sorted(fields.schemas.items()):
        known = schema.get("x-kubernetes-group-version-kind", [])
        if (
            len(known) != 1
            or "properties" not in schema
            or known[0]["kind"] in _LEFT_OUT
            or "items" in schema["properties"]
        ):
            continue
        api = "/".join(part for part in (known[0]["group"], known[0]["version"]) if part)
        kinds[f"{api} {known[0]['kind']}"] = int(fields.named(name))
    text = json.dumps(
        {"kubernetes": version, "kinds": kinds, "words": fields.words, "types": fields.types}, separators=(",", ":")
    )
    TARGET.write_text(text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
