"""LimitRanger: default requests and limits of containers; minimum, maximum and ratio of containers, pods and claims. Source: plugin/pkg/admission/limitranger."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from seakeep.model.objects import Container, KubeObject, LimitRange, PersistentVolumeClaim, Pod
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.cluster import Limit
from seakeep.model.objects.pods import Resources
from seakeep.model.quantity import QuantityError
from seakeep.twin.admission.amounts import ZERO, Amount, Amounts, amounts
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.pod_resources import spec_limits, spec_requests
from seakeep.twin.admission.request import Request, joined

_ANNOTATION = "kubernetes.io/limit-ranger"
# resource.MaxMilliValue: beyond it thousandths do not fit 64 bits, and whole units are compared.
_MOST = (2**63 - 1) // 1000


def ranges(request: Request) -> Iterator[LimitRange]:
    """Of the namespace, by name; with their own defaults, which plain manifests leave out. The API server's cache keeps no order: it matters only where two ranges set the same default."""
    for item in request.state.within(LimitRange, request.namespace):
        try:
            yield defaulted(item)
        except QuantityError:
            yield item


def mutate(request: Request, pod: Pod) -> Pod:
    for item in ranges(request) if request.creates else ():
        pod = _with_defaults(pod, item)
    return pod


def validate(request: Request, item: KubeObject) -> None:
    """Raises RejectedError. Pods are looked at when they are made; claims also when they change, unless they are being deleted."""
    if request.old is not None and (isinstance(item, Pod) or request.old.metadata.deletion_timestamp):
        return
    for found in ranges(request):
        errors = list(_errors(found, item))
        if errors:
            raise request.forbidden(joined(errors))


def _with_defaults(pod: Pod, item: LimitRange) -> Pod:
    requests: Quantities = {}
    limits: Quantities = {}
    for limit in item.spec.limits:
        if limit.type == "Container":
            requests |= limit.default_request
            limits |= limit.default
    notes: list[str] = []
    spec = replace(
        pod.spec,
        containers=tuple(_filled(own, requests, limits, "container", notes) for own in pod.spec.containers),
        init_containers=tuple(
            _filled(own, requests, limits, "init container", notes) for own in pod.spec.init_containers
        ),
    )
    if not notes:
        return replace(pod, spec=spec)
    annotations = pod.metadata.annotations | {_ANNOTATION: f"LimitRanger plugin set: {'; '.join(notes)}"}
    return replace(pod, metadata=replace(pod.metadata, annotations=annotations), spec=spec)


def _filled(container: Container, requests: Quantities, limits: Quantities, what: str, notes: list[str]) -> Container:
    own = container.resources
    for default, has, word in ((requests, own.requests, "request"), (limits, own.limits, "limit")):
        added = sorted(set(default) - set(has))
        if added:
            notes.append(f"{', '.join(added)} {word} for {what} {container.name}")
    filled = Resources(
        requests=dict(sorted((requests | own.requests).items())), limits=dict(sorted((limits | own.limits).items()))
    )
    return replace(container, resources=filled)


def _errors(item: LimitRange, subject: KubeObject) -> Iterator[str]:
    for limit in item.spec.limits:
        if isinstance(subject, PersistentVolumeClaim) and limit.type == "PersistentVolumeClaim":
            requests = amounts(subject.spec.resources.requests)
            yield from _too_little(limit, requests, {})
            yield from _request_too_much(limit, requests)
        elif isinstance(subject, Pod) and limit.type == "Container":
            for container in (*subject.spec.containers, *subject.spec.init_containers):
                own = container.resources
                yield from _compute(limit, amounts(own.requests), amounts(own.limits))
        elif isinstance(subject, Pod) and limit.type == "Pod":
            yield from _compute(limit, spec_requests(subject.spec), spec_limits(subject.spec))


def _compute(limit: Limit, requests: Amounts, limits: Amounts) -> Iterator[str]:
    yield from _too_little(limit, requests, limits)
    yield from _too_much(limit, requests, limits)
    yield from _too_far(limit, requests, limits)


def _too_little(limit: Limit, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for name, least in sorted(amounts(limit.min).items()):
        request, most = requests.get(name), limits.get(name)
        text = f"minimum {name} usage per {limit.type} is {least}"
        asked, limited, enforced = _common(request, most, least)
        if request is None:
            yield f"{text}.  No request is specified"
        elif asked < enforced:
            yield f"{text}, but request is {request}"
        elif most is not None and limited < enforced:
            yield f"{text}, but limit is {most}"


def _too_much(limit: Limit, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for name, largest in sorted(amounts(limit.max).items()):
        request, most = requests.get(name), limits.get(name)
        text = f"maximum {name} usage per {limit.type} is {largest}"
        asked, limited, enforced = _common(request, most, largest)
        if most is None:
            yield f"{text}.  No limit is specified"
        elif limited > enforced:
            yield f"{text}, but limit is {most}"
        elif request is not None and asked > enforced:
            yield f"{text}, but request is {request}"


def _request_too_much(limit: Limit, requests: Amounts) -> Iterator[str]:
    for name, largest in sorted(amounts(limit.max).items()):
        request = requests.get(name)
        text = f"maximum {name} usage per {limit.type} is {largest}"
        asked, _, enforced = _common(request, None, largest)
        if request is None:
            yield f"{text}.  No request is specified"
        elif asked > enforced:
            yield f"{text}, but request is {request}"


def _too_far(limit: Limit, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for name, ratio in sorted(amounts(limit.max_limit_request_ratio).items()):
        asked, limited, _ = _common(requests.get(name), limits.get(name), ratio)
        text = f"{name} max limit to request ratio per {limit.type} is {ratio}"
        if not asked:
            yield f"{text}, but no request is specified or request is 0"
        elif not limited:
            yield f"{text}, but no limit is specified or limit is 0"
        elif limited / asked * 1000 > ratio.milli:
            yield f"{text}, but provided ratio is {limited / asked:.6f}"


def _common(request: Amount | None, limit: Amount | None, enforced: Amount) -> tuple[int, int, int]:
    """In thousandths where all three fit, else in whole units."""
    found = (request or ZERO, limit or ZERO, enforced)
    if all(item.whole <= _MOST for item in found):
        return found[0].milli, found[1].milli, found[2].milli
    return found[0].whole, found[1].whole, found[2].whole
