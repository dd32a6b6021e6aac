"""Why an image cannot be had. Wordings of containerd, CRI-O and dockerd."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import container_named, is_ready, statuses
from seakeep.model.cause import Evidence
from seakeep.model.objects import ContainerStatus, Pod, Secret
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_WAITING = {
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
}
_EVENTS = {"Failed", "BackOff", "InspectFailed", "ErrImageNeverPull", "FailedToRetrieveImagePullSecret"}
_SANDBOX = late(r'failed to (?:get sandbox|pull) image "(?P<image>[^"]+)"')
PULL_SECRET_TYPES = {"kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"}


class ImageProblem(StrEnum):
    NOT_FOUND = "not found"
    INVALID_NAME = "invalid name"
    NEVER_PULL = "never pull"
    UNAUTHORIZED = "unauthorized"
    DNS = "registry name does not resolve"
    UNREACHABLE = "registry unreachable"
    RATE_LIMITED = "rate limited"
    UNKNOWN = "unknown"


_FORMS: tuple[tuple[ImageProblem, re.Pattern[str]], ...] = (
    (ImageProblem.INVALID_NAME, late(r"InvalidImageName|invalid reference format|couldn't parse image (?:name|reference)|Failed to apply default image tag", re.IGNORECASE)),
    (ImageProblem.NEVER_PULL, late(r"ErrImageNeverPull|is not present with pull policy of Never", re.IGNORECASE)),
    (ImageProblem.RATE_LIMITED, late(r"toomanyrequests|429 Too Many Requests|rate limit|pull QPS exceeded", re.IGNORECASE)),
    (ImageProblem.DNS, late(r"no such host|server misbehaving|Temporary failure in name resolution|lookup \S+(?: on \S+)?: (?:i/o timeout|read udp)", re.IGNORECASE)),
    (ImageProblem.UNREACHABLE, late(r"i/o timeout|connection refused|x509:|TLS handshake timeout|no route to host|network is unreachable|Client\.Timeout|context deadline exceeded|context cancell?ed|connection reset by peer|server gave HTTP response to HTTPS client|50[0234] (?:Bad Gateway|Service Unavailable|Gateway Time)|unexpected status(?: code)?.{0,120}: 50\d|RegistryUnavailable|\bEOF\b", re.IGNORECASE)),
)  # fmt: skip
_DENIED = late(
    r"pull access denied|insufficient_scope|repository does not exist or may require|requested access to the resource is denied",
    re.IGNORECASE,
)
_UNAUTHORIZED = late(
    r"401 Unauthorized|403 Forbidden|\bunauthorized\b|authentication required|no basic auth credentials|authorization failed|failed to authorize|denied: ",
    re.IGNORECASE,
)
_NOT_FOUND = late(
    r"not found|manifest unknown|NotFound|name unknown|no such image|does not exist|manifest for .{1,200} not found|404 Not Found|failed to resolve reference",
    re.IGNORECASE,
)


class PullFailure(Struct, frozen=True):
    """`sure` is False where the registry's answer has two readings and nothing else decides."""

    kind: ImageProblem
    workload: Ref
    pod: Ref
    container: str
    image: str
    evidence: tuple[Evidence, ...]
    sure: bool = True
    secrets: tuple[str, ...] = ()


@once
def image_problems(index: Index) -> tuple[PullFailure, ...]:
    """One entry per container that waits for its image now. Past pull errors of running containers are no problem."""
    found = [failure for pod in index.pods for status in statuses(pod) if (failure := _problem(index, pod, status))]
    return (*found, *_sandbox_problems(index))


def _sandbox_problems(index: Index) -> Iterator[PullFailure]:
    """The image of the pod's own sandbox (`pause`), which the runtime's configuration names: without it no container is even tried."""
    seen: set[Ref] = set()
    for event in index.events_with("FailedCreatePodSandBox"):
        match = _SANDBOX.search(event.text)
        pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
        if not match or pod is None or pod.ref in seen or is_ready(pod) or not is_recent(index, event.last_seen):
            continue
        seen.add(pod.ref)
        kind, sure = _classify("", [event.text], pod, (), match["image"])
        evidence = (event_evidence(index, event, current=True),)
        yield PullFailure(kind, workload_of(index, pod), pod.ref, "(sandbox)", match["image"], evidence, sure)


def _problem(index: Index, pod: Pod, status: ContainerStatus) -> PullFailure | None:
    waiting = status.state.waiting
    if waiting is None or waiting.reason not in _WAITING:
        return None
    container = container_named(pod, status.name)
    events = [event for event in index.events_about(pod.ref) if event.reason in _EVENTS]
    image = container.image if container else status.image
    mine = [
        event
        for event in events
        if not image
        or image in event.text
        or (event.involved_object and status.name in event.involved_object.field_path)
    ] or events
    pulls = [event for event in mine if event.reason != "InspectFailed"]
    # What the runtime once said of the image that it has is no word of the registry.
    texts = [waiting.message, *(event.text for event in (pulls if any("pull" in e.text for e in pulls) else mine))]
    secrets = _bad_secrets(index, pod)
    kind, sure = _classify(waiting.reason, texts, pod, secrets, image)
    if kind is ImageProblem.NOT_FOUND and not sure and _others_authenticate(index, pod, image):
        kind = ImageProblem.UNAUTHORIZED
    evidence = [
        Evidence(
            pod.ref,
            f"status.containerStatuses[{status.name}].state.waiting",
            f"{waiting.reason} {waiting.message}".strip()[:300],
        )
    ]
    told = sorted(
        (event for event in mine if event.reason == "Failed" and event.text.startswith("Failed to pull")),
        key=lambda event: -len(event.text),
    )
    evidence += [event_evidence(index, event, current=True) for event in told[:2]]
    if not image:
        image = next((match[1] for text in texts if (match := re.search(r'image "([^"]+)"', text))), "")
    return PullFailure(kind, workload_of(index, pod), pod.ref, status.name, image, tuple(evidence), sure, secrets)


def _others_authenticate(index: Index, pod: Pod, image: str) -> bool:
    """Pods of the namespace pull from the same owner's repositories with credentials: it is private."""
    owner = _owner(image)
    return bool(owner) and any(
        other.spec.image_pull_secrets and any(_owner(item.image) == owner for item in other.spec.containers)
        for other in index.pods_in(pod.namespace)
        if other.ref != pod.ref
    )


def _owner(image: str) -> str:
    """Registry and first part of the path; "" for the hub's own images."""
    parts = re.split(r"[:@](?!\d+/)", image.removeprefix("docker.io/"))[0].split("/")
    return "/".join(parts[: 2 if "." in parts[0] or ":" in parts[0] else 1]) if len(parts) > 1 else ""


def _on_hub(image: str) -> bool:
    """Docker Hub, named or meant; an image that was not shown may be of anywhere."""
    host, slash, _ = image.partition("/")
    return not slash or host in {"docker.io", "index.docker.io"} or not ("." in host or ":" in host)


def _classify(
    reason: str, texts: Iterable[str], pod: Pod, secrets: tuple[str, ...], image: str
) -> tuple[ImageProblem, bool]:
    """The most telling message decides: `Back-off pulling image` alone says nothing."""
    joined = " ".join(texts)
    for kind, form in _FORMS[:2]:
        if form.search(reason) or form.search(joined):
            return kind, True
    for kind, form in _FORMS[2:]:
        if form.search(joined):
            return kind, True
    if secrets and (
        _DENIED.search(joined)
        or _UNAUTHORIZED.search(joined)
        or "FailedToRetrieveImagePullSecret" in joined
        or "Unable to retrieve" in joined
    ):
        return ImageProblem.UNAUTHORIZED, True
    if _DENIED.search(joined):
        # Docker Hub answers so for repositories that do not exist and for private ones alike. With credentials configured it is they that fail;
        # without any, a public image's name is misspelt more often than a private one is pulled without a secret. A registry of one's own, which
        # says "denied" of what it has and does not show, wants credentials.
        if pod.spec.image_pull_secrets or not _on_hub(image):
            return ImageProblem.UNAUTHORIZED, False
        return ImageProblem.NOT_FOUND, False
    if _UNAUTHORIZED.search(joined):
        return ImageProblem.UNAUTHORIZED, True
    if _NOT_FOUND.search(joined):
        return ImageProblem.NOT_FOUND, True
    return ImageProblem.UNKNOWN, False


def _bad_secrets(index: Index, pod: Pod) -> tuple[str, ...]:
    """Pull secrets that do not exist, or are of a type that the kubelet does not take."""
    found = []
    for reference in pod.spec.image_pull_secrets:
        ref = Ref("Secret", pod.namespace, reference.name)
        secret = index.snapshot.get(Secret, pod.namespace, reference.name)
        if index.snapshot.is_absent(ref):
            found.append(f"{reference.name} does not exist")
        elif secret is not None and secret.type and secret.type not in PULL_SECRET_TYPES:
            found.append(f"{reference.name} is of type {secret.type}")
    told = " ".join(
        event.text for event in index.events_about(pod.ref) if event.reason == "FailedToRetrieveImagePullSecret"
    )
    found += [
        f"{name} could not be read"
        for reference in pod.spec.image_pull_secrets
        if (name := reference.name) in told and not any(entry.startswith(name) for entry in found)
    ]
    return tuple(found)
