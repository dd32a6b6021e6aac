"""Claims of one StatefulSet that wait for the same are one cause, with all of them in it."""

from __future__ import annotations

from seakeep.catalog.causes.provisioner_failing import CAUSE as PROVISIONER
from seakeep.catalog.causes.pv_already_bound import CAUSE as TAKEN
from seakeep.facts.index import Index
from seakeep.testing.cases import snapshot_of

SET = {"kind": "StatefulSet", "metadata": {"name": "kafka"}, "spec": {"replicas": 3}}


def _claim(name: str, **spec: object) -> dict[str, object]:
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "creationTimestamp": "2026-03-01T00:00:00Z"},
        "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], **spec},
        "status": {"phase": "Pending"},
    }


def test_a_driver_that_makes_no_volume_is_one_cause_of_all_claims_of_a_set() -> None:
    storage = {"kind": "StorageClass", "metadata": {"name": "fast"}, "provisioner": "csi.example.org"}
    event = {
        "kind": "Event",
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "PersistentVolumeClaim", "namespace": "default", "name": "data-kafka-1"},
        "reason": "ProvisioningFailed",
        "lastTimestamp": "2026-03-02T11:59:50Z",
        "message": "rpc error: code = Unavailable desc = connection refused",
    }
    claims = [_claim(f"data-kafka-{number}") for number in (0, 1, 2)]
    (found,) = PROVISIONER.find(Index(snapshot_of({"objects": [SET, storage, event, *claims]})))
    assert found.object.name == "data-kafka-1"  # of which the provisioner has spoken
    assert [ref.name for ref in found.affects] == ["data-kafka-0", "data-kafka-2"]
    assert {part.object.name for part in found.evidence} >= {"data-kafka-0", "data-kafka-1", "data-kafka-2"}
    assert "2 more of StatefulSet kafka" in found.summary


def test_each_taken_volume_is_a_cause_of_its_own() -> None:
    volumes = [
        {
            "kind": "PersistentVolume",
            "metadata": {"name": f"pv-{number}"},
            "spec": {
                "storageClassName": "fast",
                "accessModes": ["ReadWriteOnce"],
                "claimRef": {"namespace": "other", "name": f"old-{number}"},
            },
        }
        for number in (0, 1)
    ]
    claims = [_claim(f"data-kafka-{number}", volumeName=f"pv-{number}") for number in (0, 1)]
    found = list(TAKEN.find(Index(snapshot_of({"objects": [SET, *volumes, *claims]}))))
    assert [item.object.name for item in found] == ["data-kafka-0", "data-kafka-1"]
    assert all(item.affects == () for item in found)
