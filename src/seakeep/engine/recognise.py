"""Which platform service a workload belongs to: by its operator's resource, its images, its labels, then its name. Ports confirm nothing on their own: too many share 8080."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seakeep.contract.service import ServiceProfile
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import owner_chain
from seakeep.facts.workloads.podstate import is_sidecar
from seakeep.model.objects import KubeObject, PodSpec

_NAME_LABELS = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/component", "component", "name")
# Side containers that say nothing of what the pod is.
_COMPANIONS = (
    "istio/proxyv2",
    "linkerd/proxy",
    "exporter",
    "fluent-bit",
    "fluentd",
    "filebeat",
    "promtail",
    "cloud-sql-proxy",
    "vault-agent",
    "jmx",
)


# What stands beside a service and bears its name: consoles, exporters, clients, programs in a framework that they are named after too.
_TOOLS = re.compile(
    r"(?:^|-)(?:ui|gui|web-?ui|console|dashboard|autoscaler|express|commander|curator|fluent-?bit|fluentd|logstash|filebeat|metricbeat|manager|admin|exporter|metrics|monitor(?:ing)?|proxy|backup|restore|cli|client|shell|tools?|toolbox|test|tests|init|setup|migrations?|seed|producer|consumer|loader|reloader|bridge|mirror|operator|topics?|quarkus|spring(?:-?boot)?|jaxrs|django|flask|rails|laravel|nodejs|dotnet)(?:-|$)"
)
# What runs a service's image and is none: a shell for people.
_SHELLS = re.compile(r"-(?:tools?|toolbox|shell|cli)$")
# Components of a release that carries the service's name on all of them.
_BESIDE = frozenset({"exporter", "metrics", "ui", "console"})


class Recogniser:
    """Profiles with their patterns in look-up form."""

    def __init__(self, profiles: Sequence[ServiceProfile]) -> None:
        self._profiles = {profile.id: profile for profile in profiles}
        images = sorted(
            ((pattern, profile.id) for profile in profiles for pattern in profile.images),
            key=lambda pair: (-len(pair[0]), pair),
        )
        # The longest pattern wins; a rank is a pattern's position in that order.
        self._images: dict[str, tuple[int, str]] = {}
        self._registries = [(rank, *pair) for rank, pair in enumerate(images) if pair[0].endswith("/")]
        for rank, (pattern, profile_id) in enumerate(images):
            for form in (pattern, pattern.removeprefix("library/")):
                self._images.setdefault(form, (rank, profile_id))
        self._known_images: dict[str, str | None] = {}
        self._labels = {label: profile.id for profile in reversed(profiles) for label in profile.labels}
        self._names = sorted(
            ((name, profile.id) for profile in profiles for name in profile.names),
            key=lambda pair: (-len(pair[0]), pair),
        )
        self._known_names: dict[str, str | None] = {}
        self._crs = {cr.rpartition("/")[2]: profile.id for profile in profiles for cr in profile.crs}

    def profile_of(
        self, index: Index, item: KubeObject, labels: dict[str, str], spec: PodSpec
    ) -> ServiceProfile | None:
        """None where nothing fits: the workload is then a service of its own."""
        found = (
            next((self._crs[ref.kind] for ref in owner_chain(index, item) if ref.kind in self._crs), None)
            or self._crs.get(item.kind)
            or (None if _is_shell(item) else self._by_looks(labels, spec))
            or self._by_name(item.name)
        )
        return self._profiles[found] if found else None

    def _by_looks(self, labels: dict[str, str], spec: PodSpec) -> str | None:
        by_image = next((hit for image in _images(spec) if (hit := self._by_image(image))), None)
        return by_image or self._by_labels(labels)

    def _by_image(self, image: str) -> str | None:
        repository = repository_of(image)
        if repository not in self._known_images:
            parts = repository.split("/")
            tails = ("/".join(parts[start:]) for start in range(len(parts)))
            found = [self._images[tail] for tail in tails if tail in self._images]
            found += [
                (rank, profile)
                for rank, pattern, profile in self._registries
                if repository.startswith(pattern) or f"/{pattern}" in repository
            ]
            self._known_images[repository] = min(found)[1] if found else None
        return self._known_images[repository]

    def _by_labels(self, labels: dict[str, str]) -> str | None:
        if {labels.get("app.kubernetes.io/component"), labels.get("component")} & _BESIDE:
            return None
        return next((self._labels[labels[key]] for key in _NAME_LABELS if labels.get(key) in self._labels), None)

    def _by_name(self, name: str) -> str | None:
        # Names of one kind differ by their numbers, which no profile's name has.
        plain = name.rstrip("-0123456789")
        if plain not in self._known_names:
            self._known_names[plain] = self._named(plain)
        return self._known_names[plain]

    def _named(self, name: str) -> str | None:
        """A console, exporter or client of a service is none."""
        for word, profile in self._names:
            match = re.search(rf"(?:^|-){re.escape(word)}(?:-|\d|$)", name) if word in name else None
            if match:
                rest = f"{name[: match.start()]}-{name[match.end() :]}"
                return None if _TOOLS.search(rest) else profile
        return None

    def of_resource(self, item: KubeObject) -> ServiceProfile | None:
        """The service that an operator makes of a custom resource; None for its topics, users and jobs."""
        group = item.api_version.rpartition("/")[0]
        found = self._crs.get(item.kind)
        known = found and (not group or f"{group}/{item.kind}" in self._profiles[found].crs)
        return self._profiles[found] if found and known and not item.kind.endswith(("Application", "Job")) else None


def _is_shell(item: KubeObject) -> bool:
    """A pod of its own that is called a client is one that `kubectl run` made; a Deployment may be a cluster's client nodes."""
    if item.kind == "Pod" and item.metadata.owner_references:
        return False
    return bool(_SHELLS.search(item.name)) or (item.kind == "Pod" and item.name.endswith("-client"))


def repository_of(image: str) -> str:
    """`registry:5000/team/kafka:3.9@sha256:…` → `registry:5000/team/kafka`."""
    bare = image.partition("@")[0]
    head, slash, last = bare.rpartition("/")
    return head + slash + last.partition(":")[0]


def component_of(profile: ServiceProfile, item: KubeObject, labels: dict[str, str]) -> str:
    """`worker`, `web` …, where the profile knows components and a name or label shows one."""
    text = " ".join((item.name, labels.get("app.kubernetes.io/component", ""), labels.get("component", "")))
    return next((component for component, words in profile.components if any(word in text for word in words)), "")


def _images(spec: PodSpec) -> list[str]:
    main = [container.image for container in spec.containers]
    main += [container.image for container in spec.init_containers if is_sidecar(container)]
    return [image for image in main if not any(word in image for word in _COMPANIONS)] or main
