"""ServiceAccount: the account a pod runs as, its pull secrets and its token. Source: plugin/pkg/admission/serviceaccount."""

from __future__ import annotations

from zlib import crc32

from msgspec.structs import replace

from seakeep.model.objects import Container, Pod, ServiceAccount
from seakeep.model.objects.pods import (
    ConfigMapVolume,
    KeyToPath,
    LocalReference,
    ProjectedSource,
    ProjectedVolume,
    Volume,
    VolumeMount,
)
from seakeep.model.refs import Ref
from seakeep.twin.admission.request import Request

_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a path
_VOLUME = "kube-api-access-"
_MIRROR = "kubernetes.io/config.mirror"
# apimachinery `rand.String`: no vowels, no digits that look like letters.
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def mutate(request: Request, pod: Pod) -> Pod:
    """Raises RejectedError for an account that is known not to exist; one that was not read is taken as it is by default."""
    if not request.creates or _MIRROR in pod.metadata.annotations:
        return pod
    name = pod.spec.service_account_name or "default"
    account = request.state.get(ServiceAccount, request.namespace, name)
    if account is None:
        if request.state.is_absent(Ref("ServiceAccount", request.namespace, name)):
            raise request.forbidden(
                f'error looking up service account {request.namespace}/{name}: serviceaccount "{name}" not found'
            )
        account = ServiceAccount()
    spec = replace(pod.spec, service_account_name=name)
    pod = replace(pod, spec=spec)
    wishes = (spec.automount_service_account_token, account.automount_service_account_token)
    if next((wish for wish in wishes if wish is not None), True):
        pod = _with_token(pod)
    if not spec.image_pull_secrets:
        secrets = tuple(LocalReference(name=item.name) for item in account.image_pull_secrets)
        pod = replace(pod, spec=replace(pod.spec, image_pull_secrets=secrets))
    return pod


def _with_token(pod: Pod) -> Pod:
    spec = pod.spec
    known = next((item.name for item in spec.volumes if item.name.startswith(_VOLUME)), "")
    mount = VolumeMount(name=known or _VOLUME + _suffix(pod), mount_path=_TOKEN_PATH, read_only=True)
    containers = tuple(_mounting(item, mount) for item in spec.containers)
    init_containers = tuple(_mounting(item, mount) for item in spec.init_containers)
    changed = (containers, init_containers) != (spec.containers, spec.init_containers)
    volumes = spec.volumes if known or not changed else (*spec.volumes, _volume(mount.name))
    return replace(pod, spec=replace(spec, containers=containers, init_containers=init_containers, volumes=volumes))


def _mounting(container: Container, mount: VolumeMount) -> Container:
    if any(item.mount_path == _TOKEN_PATH for item in container.volume_mounts):
        return container
    return replace(container, volume_mounts=(*container.volume_mounts, mount))


def _volume(name: str) -> Volume:
    """The token, the cluster's certificate authority, the namespace; the model shows the second only."""
    root = ConfigMapVolume(name="kube-root-ca.crt", items=(KeyToPath(key="ca.crt", path="ca.crt"),))
    sources = (ProjectedSource(), ProjectedSource(config_map=root), ProjectedSource())
    return Volume(name=name, projected=ProjectedVolume(sources=sources))


def _suffix(pod: Pod) -> str:
    """Five letters that look random and are the same in every run."""
    number = crc32(f"{pod.namespace}/{pod.name}".encode())
    return "".join(_LETTERS[number // len(_LETTERS) ** place % len(_LETTERS)] for place in range(5))
