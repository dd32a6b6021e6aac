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
    alike,
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
    key = alike.key_of(new) if old is None else None
    known = alike.known(state, key, new) if key is not None and isinstance(new, Pod) else None
    if known is not None and not webhooks.are_in(state) and not quota.are_in(state, known):
        selectors.check_owner(state, known)  # nothing else looks at each of them
        return known
    arriving = request(state, new, old, mutating=True)
    admitted = known or _prepared(arriving, new, old)
    webhooks.check(arriving, admitted, MutatingWebhookConfiguration)
    if known is None:
        validation.validate(admitted, old, complete=not storage.is_of_set(state, admitted))
    if old is None:
        selectors.check_owner(state, admitted)
    named = request(state, admitted, old, mutating=False)
    if known is None:
        _validate(named, admitted)
    webhooks.check(named, admitted, ValidatingWebhookConfiguration)
    for item in quota.charge(named, admitted):
        state.put(item)
    if known is None and key is not None and isinstance(new, Pod) and isinstance(admitted, Pod):
        alike.remember(state, key, new, admitted)
    return admitted


def _prepared(arriving: Request, new: KubeObject, old: KubeObject | None) -> KubeObject:
    """Up to validation: as it would be stored."""
    try:
        new = defaulted(new)
    except QuantityError:
        raise _unreadable(new) from None
    new = _mutated(arriving, new)
    return for_create(new) if old is None else for_update(new, old)


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


def _unreadable(item: KubeObject) -> RejectedError:
    version = item.api_version.rpartition("/")[2]
    where = f'{item.kind} in version "{version}" cannot be handled as a {item.kind}'
    return RejectedError(400, f"{where}: quantities must match the regular expression '{_QUANTITY}'")
