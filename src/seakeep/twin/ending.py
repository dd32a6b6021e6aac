"""The times of a graceful deletion: deletionTimestamp is when the grace period ends. Source: apiserver pkg/registry/rest `BeforeDelete`."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from seakeep.model.objects.base import Metadata
from seakeep.twin.moments import after


def asked_at(metadata: Metadata) -> datetime | None:
    """When the deletion was asked for; None where it was not."""
    ends, grace = metadata.deletion_timestamp, metadata.deletion_grace_period_seconds
    return after(ends, -(grace or 0)) if ends is not None else None


def ending(metadata: Metadata, seconds: int, now: datetime) -> Metadata:
    """Asked to end with so long a grace period. One that ends already can only be given less time, and no end in the past."""
    ends = after(now, seconds)
    if metadata.deletion_timestamp is not None:
        left = metadata.deletion_grace_period_seconds
        if not left or seconds >= left:
            return metadata
        ends = after(metadata.deletion_timestamp, seconds - left)
        if ends < now:
            ends, seconds = now, min(seconds, 1)
    return replace(metadata, deletion_timestamp=ends, deletion_grace_period_seconds=seconds)
