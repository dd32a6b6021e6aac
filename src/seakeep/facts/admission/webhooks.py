"""Admission webhooks: which configuration a message means, whom it hinders, and whether its backend can answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.admission.admission import Refusal, Refused, refused
from seakeep.facts.admission.known_webhooks import configuration_named
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.likeness import nearest
from seakeep.model.cause import Evidence
from seakeep.model.objects import (
    MutatingWebhookConfiguration,
    Service,
    ValidatingWebhookConfiguration,
    WebhookConfiguration,
)
from seakeep.model.objects.cluster import Webhook
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# The one webhook that no object configures: a file of the API server does (`--admission-control-config-file`).
IMAGE_POLICY = "image policy webhook"


class Hindrance(Struct, frozen=True):
    """One webhook that refuses, or cannot answer. `seen` where its configuration was read; `item` is the first refusal."""

    configuration: Ref
    webhook: str
    items: tuple[Refusal, ...]
    evidence: tuple[Evidence, ...]
    seen: bool
    ignored: bool

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)

    @property
    def affects(self) -> tuple[Ref, ...]:
        return tuple(sorted({item.workload for item in self.items}))


def configurations(index: Index) -> Iterator[tuple[WebhookConfiguration, Webhook]]:
    for struct in (MutatingWebhookConfiguration, ValidatingWebhookConfiguration):
        for configuration in index.snapshot.all(struct):
            for webhook in configuration.webhooks:
                yield configuration, webhook


def hindrances(index: Index, kind: Refused) -> tuple[Hindrance, ...]:
    """By webhook. One that is known to be gone hinders nobody any more."""
    by_name: dict[str, list[Refusal]] = defaultdict(list)
    for item in refused(index, kind):
        by_name[item.name].append(item)
    found = []
    for name, items in sorted(by_name.items()):
        pair = next(((entry, webhook) for entry, webhook in configurations(index) if webhook.name == name), None)
        ref = pair[0].ref if pair else _guessed(index, name, items[0].detail)
        all_listed = all(
            index.snapshot.lists_all(listed, "*")
            and all(index.snapshot.depth(item.ref) is Depth.FULL for item in index.snapshot.of_kind(listed))
            for listed in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
        )
        if pair is None and all_listed and name != IMAGE_POLICY:
            continue
        evidence = [item.evidence for item in items[:4]]
        if pair:
            evidence.append(state_evidence(pair[0], f"webhooks[{name}].failurePolicy", pair[1].failure_policy))
        found.append(
            Hindrance(
                ref,
                name,
                tuple(items),
                tuple(evidence),
                pair is not None,
                bool(pair and pair[1].failure_policy == "Ignore"),
            )
        )
    return tuple(found)


def _guessed(index: Index, name: str, detail: str) -> Ref:
    """The message names the webhook only; its path or name usually tells the kind, and a table's rows or custom the configuration."""
    if name == IMAGE_POLICY:
        return Ref("AdmissionConfiguration", "", "ImagePolicyWebhook")
    mutates = any(word in f"{name} {detail}".lower() for word in ("mutat", "inject", "default"))
    kind = "MutatingWebhookConfiguration" if mutates else "ValidatingWebhookConfiguration"
    listed = [item.name for item in index.snapshot.of_kind(kind)]
    # Of the only row of a whole list nothing else can be meant.
    alone = listed[0] if len(listed) == 1 and index.snapshot.lists_all(kind, "*") else ""
    return Ref(kind, "", configuration_named(name, listed) or alone or name)


class Unbacked(Struct, frozen=True):
    """A webhook with failurePolicy Fail whose Service is not there or has no ready endpoint."""

    configuration: WebhookConfiguration
    webhook: Webhook
    service: Ref
    absent: bool
    evidence: tuple[Evidence, ...]


def unbacked(index: Index) -> Iterator[Unbacked]:
    """From the objects alone, before anything was refused."""
    for configuration, webhook in configurations(index):
        target = webhook.client_config.service
        if target is None or webhook.failure_policy != "Fail" or index.snapshot.intent_only:
            continue
        ref = Ref("Service", target.namespace, target.name)
        base = state_evidence(
            configuration, f"webhooks[{webhook.name}].clientConfig.service", f"{target.namespace}/{target.name}"
        )
        if index.snapshot.is_absent(ref):
            yield Unbacked(configuration, webhook, ref, True, (base,))
            continue
        service = index.snapshot.get(Service, target.namespace, target.name)
        if service and service.spec.selector and _has_no_endpoint(index, service):
            yield Unbacked(
                configuration, webhook, ref, False, (base, state_evidence(service, "endpoints", "none ready"))
            )


def misdirected(index: Index) -> Iterator[tuple[Unbacked, str]]:
    """Of manifests: a webhook at a Service that is not among them, while its namespace's Services are, and the one that is probably meant."""
    for configuration, webhook in configurations(index) if index.snapshot.intent_only else ():
        target = webhook.client_config.service
        if target is None or webhook.failure_policy not in {"", "Fail"}:
            continue
        ref = Ref("Service", target.namespace, target.name)
        others = [item.name for item in index.services_in(target.namespace)]
        meant = nearest(target.name, others) or (others[0] if len(others) == 1 else "")
        if index.snapshot.find(ref) is None and meant:
            path = f"webhooks[{webhook.name}].clientConfig.service"
            proof = state_evidence(configuration, path, f"{target.namespace}/{target.name}")
            yield Unbacked(configuration, webhook, ref, True, (proof,)), meant


class Unoffered(Struct, frozen=True):
    """A webhook that calls a port which its Service does not offer; `offered` are those that it does."""

    configuration: WebhookConfiguration
    webhook: Webhook
    service: Ref
    port: int
    offered: tuple[int, ...]
    evidence: tuple[Evidence, ...]


def unoffered(index: Index) -> Iterator[Unoffered]:
    for configuration, webhook in configurations(index):
        target = webhook.client_config.service
        service = index.snapshot.get(Service, target.namespace, target.name) if target else None
        if target is None or service is None or service.spec.type == "ExternalName" or not service.spec.ports:
            continue
        offered, port = tuple(sorted(item.port for item in service.spec.ports)), target.port
        if port not in offered and index.snapshot.depth(configuration.ref) is Depth.FULL:
            path = f"webhooks[{webhook.name}].clientConfig.service.port"
            proof = state_evidence(configuration, path, str(port))
            shown = state_evidence(service, "spec.ports[].port", ", ".join(map(str, offered)))
            yield Unoffered(configuration, webhook, service.ref, port, offered, (proof, shown))


def _has_no_endpoint(index: Index, service: Service) -> bool:
    """Known to have none: slices or endpoints were read."""
    slices, endpoints = index.slices_of(service), index.endpoints_of(service)
    if any(item.conditions.ready is not False and item.addresses for part in slices for item in part.endpoints):
        return False
    if endpoints and any(subset.addresses for subset in endpoints.subsets):
        return False
    return bool(slices) or endpoints is not None or index.snapshot.lists_all("EndpointSlice", service.namespace)
