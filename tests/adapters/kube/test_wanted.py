"""Which of the served kinds are read: what says what is backed up, and not what its tools keep for themselves."""

from __future__ import annotations

from seakeep.adapters.kube.discovery import Resource
from seakeep.adapters.kube.wanted import wanted


def served(*kinds: str) -> dict[tuple[str, str], Resource]:
    found = {}
    for text in kinds:
        group, kind = text.rsplit("/", 1)
        found[group, kind] = Resource(f"/apis/{group}/v1", f"{kind.lower()}s", group, kind, f"{group}/v1", True)
    return found


def test_schedules_and_snapshots_are_read() -> None:
    kinds = served(
        "velero.io/Schedule", "velero.io/Backup", "velero.io/PodVolumeBackup", "velero.io/DownloadRequest", "k8up.io/Schedule",
        "snapshot.storage.k8s.io/VolumeSnapshot", "snapshot.storage.k8s.io/VolumeSnapshotContent", "postgresql.cnpg.io/ScheduledBackup",
        "example.com/Schedule",
    )  # fmt: skip
    assert {(item.group, item.kind) for item in wanted(kinds)} == {
        ("velero.io", "Schedule"),
        ("velero.io", "Backup"),
        ("k8up.io", "Schedule"),
        ("snapshot.storage.k8s.io", "VolumeSnapshot"),
        ("postgresql.cnpg.io", "ScheduledBackup"),
    }
