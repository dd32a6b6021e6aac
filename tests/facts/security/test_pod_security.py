"""Pod Security Standards and image names, by example."""

from __future__ import annotations

import msgspec
import pytest

from seakeep.facts.containers.image_names import is_invalid
from seakeep.facts.security.pod_security import violations
from seakeep.model.objects import PodSpec

SOUND = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def spec(context: dict[str, object] | None = None, **pod: object) -> PodSpec:
    container = {"name": "oven", "securityContext": context or {}}
    return msgspec.convert({"containers": [container], **pod}, PodSpec)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (spec({"privileged": True}), "privileged"),
        (spec({"capabilities": {"add": ["SYS_ADMIN"]}}), "capabilities"),
        (spec(hostNetwork=True), "host namespaces"),
        (spec(hostPID=True), "host namespaces"),
        (spec(volumes=[{"name": "d", "hostPath": {"path": "/"}}]), "hostPath"),
        (spec({"seccompProfile": {"type": "Unconfined"}}), "Unconfined"),
    ],
)
def test_baseline(given: PodSpec, word: str) -> None:
    assert word in violations(given, "baseline")[0]
    assert violations(given, "privileged") == ()


@pytest.mark.parametrize(
    ("left_out", "word"),
    [
        ("runAsNonRoot", "runAsNonRoot"),
        ("allowPrivilegeEscalation", "allowPrivilegeEscalation"),
        ("capabilities", "drop ALL"),
        ("seccompProfile", "seccompProfile"),
    ],
)
def test_restricted(left_out: str, word: str) -> None:
    assert violations(spec(SOUND), "restricted") == ()
    broken = violations(spec({key: value for key, value in SOUND.items() if key != left_out}), "restricted")
    assert len(broken) == 1
    assert word in broken[0]


def test_the_pod_answers_for_its_containers() -> None:
    rest = {key: SOUND[key] for key in ("allowPrivilegeEscalation", "capabilities")}
    pod = {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}
    assert violations(spec(rest, securityContext=pod), "restricted") == ()
    assert violations(spec({**rest, "runAsNonRoot": False}, securityContext=pod), "restricted") != ()


@pytest.mark.parametrize(
    "image",
    [
        "busybox",
        "postgres:16",
        "a/b/c:1",
        "registry:5000/a_b/c-d.e:1.0",
        "localhost/x",
        "[::1]:5000/x:1",
        "${IMAGE}",
        "{{ image }}",
        "IMAGE",
    ],
)
def test_sound_images(image: str) -> None:
    assert not is_invalid(image)


@pytest.mark.parametrize(
    "image", ["Bakery/Oven", "oven:1:2", "oven: 1", "/oven", "oven:", "oven:-1", "https://registry/oven:1", "a//b"]
)
def test_unsound_images(image: str) -> None:
    assert is_invalid(image)
