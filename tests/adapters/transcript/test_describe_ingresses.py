"""`kubectl describe ingress`, and what kubectl did not find behind it."""

from __future__ import annotations

from datetime import date

import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.app.check import diagnose_snapshot
from seakeep.model.objects import Ingress
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot

_SHOWN = """\
Name:             front
Labels:           <none>
Namespace:        mart
Address:          10.0.0.7
Ingress Class:    nginx
Default backend:  {default}
TLS:
  front-tls terminates mart.example.com,www.example.com
Rules:
  Host              Path  Backends
  ----              ----  --------
  mart.example.com
                    /       front:80 (10.1.0.4:8080,10.1.0.5:8080)
                    /cart   basket:http ({found})
  *
                    /old   front:80 (10.1.0.4:8080)
Annotations:        <none>
Events:             <none>
"""


def read(found: str, default: str = "<default>") -> Snapshot:
    text = _SHOWN.replace("{found}", found).replace("{default}", default)
    return read_transcript(f"$ kubectl describe ingress front -n mart\n{text}", "test")


def causes(found: Snapshot) -> list[tuple[str, str]]:
    known = diagnose_snapshot(found, Intent(), date(2026, 11, 26)).causes
    return [(cause.candidate.id, str(cause.candidate.object)) for cause in known]


def test_hosts_paths_backends_and_certificates() -> None:
    ingress = read("10.1.0.9:8080").get(Ingress, "mart", "front")
    assert ingress is not None
    spec = ingress.spec
    assert (spec.ingress_class_name, spec.default_backend) == ("nginx", None)
    assert [(item.secret_name, item.hosts) for item in spec.tls] == [
        ("front-tls", ("mart.example.com", "www.example.com"))
    ]
    shown = [
        (rule.host, path.path, path.backend.service)
        for rule in spec.rules
        for path in (rule.http.paths if rule.http else ())
    ]
    assert [
        (host, path, service.name, service.port.number or service.port.name) for host, path, service in shown if service
    ] == [
        ("mart.example.com", "/", "front", 80),
        ("mart.example.com", "/cart", "basket", "http"),
        ("", "/old", "front", 80),
    ]


@pytest.mark.parametrize("kind", ["services", "endpoints"])
def test_a_service_that_kubectl_did_not_find_is_absent_and_the_cause(kind: str) -> None:
    found = read(f'<error: {kind} "basket" not found>')
    assert found.is_absent(Ref("Service", "mart", "basket"))
    assert not found.is_absent(Ref("Service", "mart", "front"))
    assert causes(found) == [("service-address-wrong", "Ingress mart/front")]


@pytest.mark.parametrize("default", ["<default>", 'default-http-backend:80 (<error: endpoints "default-http-backend" not found>)'])  # fmt: skip
def test_what_old_kubectl_names_where_no_default_is_set_is_none(default: str) -> None:
    found = read("10.1.0.9:8080", default)
    ingress = found.get(Ingress, "mart", "front")
    assert ingress is not None
    assert ingress.spec.default_backend is None
    assert causes(found) == []


def test_a_default_backend_that_is_set() -> None:
    found = read("10.1.0.9:8080", 'spare:80 (<error: services "spare" not found>)')
    ingress = found.get(Ingress, "mart", "front")
    assert ingress is not None
    assert ingress.spec.default_backend is not None
    assert found.is_absent(Ref("Service", "mart", "spare"))
