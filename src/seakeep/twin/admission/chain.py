"""A request from its arrival to what is stored: defaults, mutating plugins, the kind's strategy, validation, validating plugins, quota.

Source: pkg/kubeapiserver/options/plugins.go (order), apiserver endpoints/handlers and registry/generic/registry. Left out: ValidatingAdmissionPolicies and webhooks are not run, and authorization is not asked.
"""

from __future__ import annotations

from collections.abc import Callable

from seakeep.model.objects import (
    Ingress,
    KubeObject,
    MutatingWebhookConfiguration,
    Namespace,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PriorityClass,
    ValidatingWebhookConfiguration,
)
from seakeep.model.quantity import QuantityError
from seakeep.twin.admission import (
    limit_range,
    namespaces,
    pod_security,
    priority,
    quota,
    runtime_class,
    selectors,
    service_account,
    storage,
    tolerations,
    validation,
    webhooks,
)
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.admission.request import Request, request
from seakeep.twin.admission.strategy import for_create, for_update
from seakeep.twin.state import State

Admit = Callable[[State, KubeObject, KubeObject | None], KubeObject]
_QUANTITY = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"


def admit(state: State, new: KubeObject, old: KubeObject | None) -> KubeObject:
    """The object as the API server would store it. Charges it to the quotas of its namespace in `state`. Raises RejectedError."""
    try:
        new = defaulted(new)
    except QuantityError:
        raise _unreadable(new) from None
    arriving = request(state, new, old, mutating=True)
    new = _mutated(arriving, new)
    new = for_create(new) if old is None else for_update(new, old)
    validation.validate(new, old)
    if old is None:
        selectors.check_owner(state, new)
    named = request(state, new, old, mutating=False)
    _validate(named, new)
    for item in quota.charge(named, new):
        state.put(item)
    return new


def _mutated(arriving: Request, new: KubeObject) -> KubeObject:
    namespaces.check(arriving)
    match new:
        case Pod():
            pod = limit_range.mutate(arriving, new)
            pod = service_account.mutate(arriving, pod)
            pod = priority.mutate(arriving, pod)
            pod = tolerations.mutate(pod)
            new = runtime_class.mutate(arriving, pod)
        case PersistentVolumeClaim():
            new = storage.mutate_claim(arriving, new)
        case PersistentVolume():
            new = storage.mutate_volume(new)
        case Ingress():
            new = storage.mutate_ingress(arriving, new)
    webhooks.check(arriving, new, MutatingWebhookConfiguration)
    return new


def _validate(named: Request, new: KubeObject) -> None:
    limit_range.validate(named, new)
    match new:
        case Pod():
            pod_security.validate(named, new)
            runtime_class.validate(named, new)
        case Namespace():
            pod_security.validate_namespace(named, new)
        case PriorityClass():
            priority.validate(named, new)
        case PersistentVolumeClaim():
            storage.validate_growth(named, new)
    webhooks.check(named, new, ValidatingWebhookConfiguration)


def _unreadable(item: KubeObject) -> RejectedError:
    version = item.api_version.rpartition("/")[2]
    where = f'{item.kind} in version "{version}" cannot be handled as a {item.kind}'
    return RejectedError(400, f"{where}: quantities must match the regular expression '{_QUANTITY}'")
