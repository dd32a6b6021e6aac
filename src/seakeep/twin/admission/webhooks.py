"""Admission webhooks are not run; one that nobody answers refuses where its failurePolicy is Fail. Source: apiserver admission/plugin/webhook, util/proxy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.facts.selection import matches
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import (
    Endpoints,
    EndpointSlice,
    KubeObject,
    Namespace,
    Service,
    WebhookConfiguration,
)
from seakeep.model.objects.cluster import Webhook, WebhookService
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.admission.request import Request, group_of
from seakeep.twin.labels import from_map
from seakeep.twin.state import State

_OWN_GROUP = "admissionregistration.k8s.io"


def are_in(state: State) -> bool:
    return state.has("MutatingWebhookConfiguration", "") or state.has("ValidatingWebhookConfiguration", "")


def check(request: Request, item: KubeObject, kind: type[WebhookConfiguration]) -> None:
    """Raises RejectedError. `kind` says which of the two lists; by name of the configuration."""
    if not request.state.has(kind.__name__, "") or group_of(item) == _OWN_GROUP:
        return
    for configuration in request.state.all(kind):
        for webhook in configuration.webhooks:
            target = webhook.client_config.service
            if target is None or webhook.failure_policy != "Fail" or not _concerns(request, item, webhook):
                continue
            trouble = _trouble(request.state, target)
            if trouble:
                raise RejectedError(
                    500,
                    f'Internal error occurred: failed calling webhook "{webhook.name}": failed to call webhook: Post "{_url(webhook, target)}": {trouble}',
                )


def _url(webhook: Webhook, target: WebhookService) -> str:
    path = target.path if target.path.startswith("/") else f"/{target.path}"
    return f"https://{target.name}.{target.namespace}.svc:{target.port}{path}?timeout={webhook.timeout_seconds}s"


def _concerns(request: Request, item: KubeObject, webhook: Webhook) -> bool:
    if not any(_matches_rule(request, item, rule) for rule in webhook.rules):
        return False
    if webhook.namespace_selector is not None and not _in_namespace(request, item, webhook):
        return False
    if webhook.object_selector is None:
        return True
    sides = (item.labels, request.old.labels) if request.old is not None else (item.labels,)
    return any(matches(webhook.object_selector, labels) for labels in sides)


def _in_namespace(request: Request, item: KubeObject, webhook: Webhook) -> bool:
    """Cluster-scoped objects always pass, but for namespaces: their own labels count."""
    if isinstance(item, Namespace):
        return matches(webhook.namespace_selector, item.labels)
    if not item.namespace:
        return True
    namespace = request.state.get(Namespace, "", item.namespace)
    return namespace is not None and matches(webhook.namespace_selector, namespace.labels)


def _matches_rule(request: Request, item: KubeObject, rule: Mapping[str, Any]) -> bool:
    version = item.api_version.rpartition("/")[2]
    resource = request.resource.partition(".")[0]
    operation = "CREATE" if request.creates else "UPDATE"
    scope = rule.get("scope", "*")
    namespaced = bool(item.namespace)
    return (
        _any(rule, "apiGroups", group_of(item))
        and _any(rule, "apiVersions", version)
        and _any(rule, "operations", operation)
        and any(str(name) in {"*", "*/*", resource, f"{resource}/*"} for name in rule.get("resources") or ())
        and scope in {"*", "Namespaced" if namespaced else "Cluster"}
    )


def _any(rule: Mapping[str, Any], key: str, value: str) -> bool:
    return any(item in {"*", value} for item in rule.get(key) or ())


def _trouble(state: State, target: WebhookService) -> str:
    """Why the Service cannot answer, or "": also where it is not known."""
    service = state.get(Service, target.namespace, target.name)
    if service is None:
        ref = Ref("Service", target.namespace, target.name)
        return f'service "{target.name}" not found' if state.is_absent(ref) else ""
    return "" if _answers(state, service) else f'no endpoints available for service "{target.name}"'


def _answers(state: State, service: Service) -> bool:
    slices = [
        item
        for item in state.within(EndpointSlice, service.namespace)
        if item.labels.get("kubernetes.io/service-name") == service.name
    ]
    endpoints = state.get(Endpoints, service.namespace, service.name)
    if slices or endpoints is not None:
        return any(part.conditions.ready is not False for item in slices for part in item.endpoints) or bool(
            endpoints and any(subset.addresses for subset in endpoints.subsets)
        )
    if not service.spec.selector:
        return True
    pods = state.pods_picked(service.namespace, from_map(service.spec.selector))
    if pods:
        return any(is_ready(pod) for pod in pods)
    # Pods of the namespace were read, and none is selected.
    return not state.is_absent(Ref("Pod", service.namespace, ""))
