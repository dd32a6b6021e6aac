"""The parts of an image's name: repository, tag and digest."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

# Tags that whoever builds the image moves on.
_MOVING = frozenset({"latest", "stable", "main", "master", "edge", "nightly", "dev", "develop", "canary"})


class ImageName(Struct, frozen=True):
    """`tag` and `digest` are empty where the name has none; `repository` is as it was written."""

    repository: str
    tag: str
    digest: str

    @property
    def key(self) -> str:
        """The last two parts of the repository, which tell images of one project apart wherever they are mirrored to."""
        return "/".join(self.repository.split("/")[-2:])

    @property
    def moves(self) -> bool:
        """The same name means another image tomorrow."""
        words = (self.tag or "latest").split("-")
        if self.digest or _MOVING.isdisjoint(words):
            return False
        # `main-latest` and `stable-alpine`, but not `main-20260302` or `nightly-3f2c1`.
        return "latest" in words or not any(map(str.isdecimal, self.tag))


@lru_cache(maxsize=4096)
def parts_of(image: str) -> ImageName:
    named, _, digest = image.partition("@")
    path, slash, last = named.rpartition("/")
    name, _, tag = last.partition(":")
    return ImageName(f"{path}{slash}{name}", tag, digest)


def is_same_repository(one: str, other: str) -> bool:
    """Docker Hub's short names mean its long ones."""
    return _whole(one) == _whole(other)


def _whole(repository: str) -> str:
    host, slash, _ = repository.partition("/")
    if not slash:
        return f"docker.io/library/{repository}"
    if "." in host or ":" in host or host == "localhost":
        return repository.replace("index.docker.io/", "docker.io/", 1)
    return f"docker.io/{repository}"
