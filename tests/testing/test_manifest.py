"""Objects as they are written to a real control plane."""

from __future__ import annotations

from seakeep.adapters.decode import from_mapping
from seakeep.testing.testbed.replay.manifest import manifest
from tests.twin.platforms import workload

SELECTOR = {"matchLabels": {"app": "web"}}
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": SELECTOR}
AFFINITY = {
    "nodeAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}}
        ]
    },
    "podAntiAffinity": {
        "preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"labelSelector": SELECTOR, "topologyKey": "zone"}}
        ]
    },
}


def test_what_the_server_wants_stated_is_stated_whatever_its_value() -> None:
    raw = workload("Deployment", "web", 2)
    raw["spec"]["template"]["spec"] |= {"topologySpreadConstraints": [SPREAD], "affinity": AFFINITY}
    spec = manifest(from_mapping(raw))["spec"]["template"]["spec"]
    assert (spec["topologySpreadConstraints"], spec["affinity"]) == ([SPREAD], AFFINITY)
    assert "restartPolicy" not in spec  # as by default, which the server fills in
