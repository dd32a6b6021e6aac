"""ServiceAccount: the account a pod runs as, its pull secrets and its token. Source: plugin/pkg/admission/serviceaccount."""

from __future__ import annotations

from zlib import crc32

from msgspec.structs import replace

from seakeep.model.objects import Container, Pod, ServiceAccount
from seakeep.model.objects.pods import (
    ConfigMapVolume,
    KeyToPath,
    LocalReference,
    PodSpec,
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
    spec = pod.spec
    secrets = spec.image_pull_secrets or tuple([LocalReference(name=item.name) for item in account.image_pull_secrets])
    spec = replace(spec, service_account_name=name, image_pull_secrets=secrets)
    wish = spec.automount_service_account_token
    if wish is None:
        wish = account.automount_service_account_token
    return replace(pod, spec=spec if wish is False else _with_token(pod, spec))


def _with_token(pod: Pod, spec: PodSpec) -> PodSpec:
    known = next((item.name for item in spec.volumes if item.name.startswith(_VOLUME)), "")
    mount = VolumeMount(name=known or _VOLUME + _suffix(pod), mount_path=_TOKEN_PATH, read_only=True)
    containers = tuple(_mounting(item, mount) for item in spec.containers)
    init_containers = tuple(_mounting(item, mount) for item in spec.init_containers)
    pairs = zip((*containers, *init_containers), (*spec.containers, *spec.init_containers), strict=True)
    changed = any(item is not own for item, own in pairs)
    volumes = spec.volumes if known or not changed else (*spec.volumes, _volume(mount.name))
    return replace(spec, containers=containers, init_containers=init_containers, volumes=volumes)


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
    """Five letters that look random and are the same in every run, and of all pods of one template."""
    metadata = pod.metadata
    number = crc32(f"{metadata.namespace}/{metadata.generate_name or metadata.name}".encode())
    text = ""
    for _ in range(5):
        number, place = divmod(number, len(_LETTERS))
        text += _LETTERS[place]
    return text
