"""Names of images, taken apart."""

from __future__ import annotations

import pytest

from seakeep.facts.containers.image_parts import ImageName, is_same_repository, parts_of
from seakeep.facts.containers.image_users import image_user

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("image", "parts", "moves"),
    [
        ("nginx", ImageName("nginx", "", ""), True),
        ("nginx:1.29", ImageName("nginx", "1.29", ""), False),
        ("registry.local:5000/shop/web", ImageName("registry.local:5000/shop/web", "", ""), True),
        ("registry.local:5000/shop/web:main", ImageName("registry.local:5000/shop/web", "main", ""), True),
        (f"shop/web:latest@{DIGEST}", ImageName("shop/web", "latest", DIGEST), False),
        ("shop/web:main-latest", ImageName("shop/web", "main-latest", ""), True),
        ("shop/web:latest-py3", ImageName("shop/web", "latest-py3", ""), True),
        ("shop/web:stable-alpine", ImageName("shop/web", "stable-alpine", ""), True),
        ("shop/web:nightly-20260302", ImageName("shop/web", "nightly-20260302", ""), False),
        (f"shop/web@{DIGEST}", ImageName("shop/web", "", DIGEST), False),
    ],
)
def test_parts(image: str, parts: ImageName, moves: bool) -> None:
    assert parts_of(image) == parts
    assert parts_of(image).moves is moves


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("nginx", "docker.io/library/nginx", True),
        ("shop/web", "docker.io/shop/web", True),
        ("shop/web", "ghcr.io/shop/web", False),
        ("localhost/web", "docker.io/localhost/web", False),
        ("index.docker.io/shop/web", "shop/web", True),
    ],
)
def test_same_repository(one: str, other: str, same: bool) -> None:
    assert is_same_repository(one, other) is same


def test_users_are_of_the_project_wherever_it_is_mirrored() -> None:
    assert image_user("mirror.local:5000/hub/trinodb/trino:476") == 1000
    assert image_user("evil/trino:476") is None
