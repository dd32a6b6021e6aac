"""Checks of the level restricted. Source: k8s.io/pod-security-admission/policy, one file per check."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects.pods import SecurityContext, Volume
from seakeep.twin.admission.standards_baseline import seccomp
from seakeep.twin.admission.standards_subject import NO_CONTEXT, Subject, containers, plural, quoted, setters, use

_RESTRICTED_VOLUMES = {
    "host_path": "hostPath",
    "gce_persistent_disk": "gcePersistentDisk",
    "aws_elastic_block_store": "awsElasticBlockStore",
    "git_repo": "gitRepo",
    "nfs": "nfs",
    "iscsi": "iscsi",
    "glusterfs": "glusterfs",
    "rbd": "rbd",
    "flex_volume": "flexVolume",
    "cinder": "cinder",
    "cephfs": "cephfs",
    "fc": "fc",
    "azure_file": "azureFile",
    "vsphere_volume": "vsphereVolume",
    "azure_disk": "azureDisk",
    "portworx_volume": "portworxVolume",
    "scale_io": "scaleIO",
}
_FREE_VOLUMES = (
    *("config_map", "csi", "downward_api", "empty_dir", "ephemeral"),
    *("image", "persistent_volume_claim", "projected", "secret"),
)


def seccomp_restricted(pod: Subject) -> Iterator[str]:
    if pod.windows:
        return
    explicit = list(seccomp(pod))
    yield from explicit
    if explicit or pod.context.seccomp_profile is not None:
        return
    names = pod.those(lambda own: own.seccomp_profile is None)
    if names:
        detail = f'pod or {containers(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield f"seccompProfile ({detail})"


def escalation(pod: Subject) -> Iterator[str]:
    names = [] if pod.windows else pod.those(lambda own: own.allow_privilege_escalation is not False)
    if names:
        detail = f"{containers(names)} must set securityContext.allowPrivilegeEscalation=false"
        yield f"allowPrivilegeEscalation != false ({detail})"


def drop_all(pod: Subject) -> Iterator[str]:
    if pod.windows:
        return

    def added(own: SecurityContext) -> set[str]:
        return set(own.capabilities.add) - {"NET_BIND_SERVICE"} if own.capabilities else set()

    keeping = pod.those(lambda own: own.capabilities is None or "ALL" not in own.capabilities.drop)
    adding = pod.those(lambda own: bool(added(own)))
    details = []
    if keeping:
        details.append(f'{containers(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        found = sorted({name for item in pod.containers for name in added(item.security_context or NO_CONTEXT)})
        details.append(f"{containers(adding)} must not include {quoted(found)} in securityContext.capabilities.add")
    if details:
        yield f"unrestricted capabilities ({'; '.join(details)})"


def volumes(pod: Subject) -> Iterator[str]:
    found = [item for item in pod.spec.volumes if all(getattr(item, name) is None for name in _FREE_VOLUMES)]
    if found:
        names, kinds = [item.name for item in found], sorted({_volume_kind(item) for item in found})
        detail = f"{plural('volume', len(names))} {quoted(names)} {use(names)} {plural('restricted volume type', len(kinds))} {quoted(kinds)}"
        yield f"restricted volume types ({detail})"


def _volume_kind(volume: Volume) -> str:
    return next((kind for name, kind in _RESTRICTED_VOLUMES.items() if getattr(volume, name) is not None), "unknown")


def non_root(pod: Subject) -> Iterator[str]:
    if pod.user_namespace:
        return
    reason = "runAsNonRoot != true"
    who = setters(pod.context.run_as_non_root is False, pod.those(lambda own: own.run_as_non_root is False))
    if who:
        yield f"{reason} ({' and '.join(who)} must not set securityContext.runAsNonRoot=false)"
        return
    names = [] if pod.context.run_as_non_root else pod.those(lambda own: own.run_as_non_root is None)
    if names:
        yield f"{reason} (pod or {containers(names)} must set securityContext.runAsNonRoot=true)"


def root_user(pod: Subject) -> Iterator[str]:
    if pod.user_namespace:
        return
    who = setters(pod.context.run_as_user == 0, pod.those(lambda own: own.run_as_user == 0))
    if who:
        yield f"runAsUser=0 ({' and '.join(who)} must not set runAsUser=0)"
