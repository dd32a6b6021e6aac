"""Pod templates compared and named."""

from __future__ import annotations

from zlib import crc32

import msgspec
from msgspec.structs import replace

from seakeep.model.objects.pods import PodTemplate
from seakeep.twin.memo import by_identities, by_identity

HASH = "pod-template-hash"
# The letters and digits of names that Kubernetes makes: no vowels, so that no word comes out (apimachinery `rand.SafeEncodeString`).
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


def hash_of(template: PodTemplate, collisions: int | None = None) -> str:
    """A hash of our own: the same template gives the same name, as in Kubernetes; the letters differ."""
    text = msgspec.json.encode(template, order="deterministic")
    if collisions is not None:
        text += collisions.to_bytes(4, "little")
    return "".join(_SAFE[ord(digit) % len(_SAFE)] for digit in str(crc32(text)))


def with_label(template: PodTemplate, key: str, value: str) -> PodTemplate:
    labels = {**template.metadata.labels, key: value}
    return replace(template, metadata=replace(template.metadata, labels=labels))


@by_identity
def without_hash(template: PodTemplate) -> PodTemplate:
    labels = {key: value for key, value in template.metadata.labels.items() if key != HASH}
    return replace(template, metadata=replace(template.metadata, labels=labels))


@by_identities
def same(one: PodTemplate, other: PodTemplate) -> bool:
    """`EqualIgnoreHash`."""
    return one is other or (one.spec == other.spec and without_hash(one) == without_hash(other))


@by_identities
def equal(one: PodTemplate, other: PodTemplate) -> bool:
    return one == other
