"""Probes and lifecycle hooks. Source: pkg/apis/core/validation (validateProbe, validateHandler, validateLifecycle)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.model.objects import Container, Probe
from seakeep.model.objects.pods import HttpGet
from seakeep.twin.admission.rules.ports import number_or_name
from seakeep.twin.admission.rules.words import below_zero, forbidden, invalid, required, unsupported

_HEADER = "[-A-Za-z0-9]+"
_KINDS = ("liveness", "readiness", "startup")
_PLAIN_INIT = "may not be set for init containers without restartPolicy=Always"


def errors(container: Container, path: str, grace: int | None) -> Iterator[str]:
    hooks = container.lifecycle
    if hooks is not None:
        for name, hook in (("postStart", hooks.post_start), ("preStop", hooks.pre_stop)):
            if hook is not None:
                where = f"{path}.lifecycle.{name}"
                yield from _handlers(
                    where, exec=hook.exec, httpGet=hook.http_get, tcpSocket=hook.tcp_socket, sleep=hook.sleep
                )
                yield from _sleep(hook.sleep, where, grace)
    for kind in _KINDS:
        probe = getattr(container, f"{kind}_probe")
        if probe is not None:
            yield from _probe(probe, f"{path}.{kind}Probe", once=kind != "readiness")


def of_init(container: Container, path: str, grace: int | None) -> Iterator[str]:
    """Only sidecars are probed."""
    if container.restart_policy == "Always":
        yield from errors(container, path, grace)
        return
    if container.lifecycle is not None:
        yield forbidden(f"{path}.lifecycle", _PLAIN_INIT)
    for kind in _KINDS:
        if getattr(container, f"{kind}_probe") is not None:
            yield forbidden(f"{path}.{kind}Probe", _PLAIN_INIT)


def _probe(probe: Probe, path: str, *, once: bool) -> Iterator[str]:
    yield from _handlers(path, exec=probe.exec, httpGet=probe.http_get, tcpSocket=probe.tcp_socket, grpc=probe.grpc)
    yield from below_zero(f"{path}.initialDelaySeconds", probe.initial_delay_seconds)
    yield from below_zero(f"{path}.timeoutSeconds", probe.timeout_seconds)
    yield from below_zero(f"{path}.periodSeconds", probe.period_seconds)
    yield from below_zero(f"{path}.successThreshold", probe.success_threshold)
    yield from below_zero(f"{path}.failureThreshold", probe.failure_threshold)
    if once and probe.success_threshold != 1:
        yield invalid(f"{path}.successThreshold", probe.success_threshold, "must be 1")


def _handlers(path: str, **of: object) -> Iterator[str]:
    """Exactly one of them, of which the first is looked at."""
    given = [name for name, action in of.items() if action is not None]
    for number, name in enumerate(given):
        where, action = f"{path}.{name}", of[name]
        if number:
            yield forbidden(where, "may not specify more than 1 handler type")
        elif name == "exec" and not getattr(action, "command", ()):
            yield required(f"{where}.command")
        elif isinstance(action, HttpGet):
            yield from _http(action, where)
        elif name in {"tcpSocket", "grpc"}:
            yield from number_or_name(getattr(action, "port", 0), f"{where}.port")
    if not given:
        yield required(path, "must specify a handler type")


def _http(action: HttpGet, path: str) -> Iterator[str]:
    yield from number_or_name(action.port, f"{path}.port")
    if action.scheme not in {"HTTP", "HTTPS"}:
        yield unsupported(f"{path}.scheme", action.scheme, ("HTTP", "HTTPS"))
    for header in action.http_headers:
        name = header.get("name", "")
        if not re.fullmatch(_HEADER, name):
            text = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is"
            yield invalid(f"{path}.httpHeaders", name, f"{text} '{_HEADER}')")


def _sleep(action: dict[str, int] | None, path: str, grace: int | None) -> Iterator[str]:
    seconds = (action or {}).get("seconds", 0)
    if action is not None and grace is not None and not 0 <= seconds <= grace:
        yield invalid(
            f"{path}.sleep", seconds, f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        )
