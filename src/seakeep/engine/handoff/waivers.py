"""Waivers, and when they end."""

from __future__ import annotations

from datetime import date

from seakeep.model.handoff import WaiverState
from seakeep.model.platform import Platform


def waivers(platform: Platform, today: date) -> tuple[WaiverState, ...]:
    """The next to end first."""
    found = [
        WaiverState(
            item,
            tuple(each.id for each in platform.services if item.target in {each.id, each.name, each.profile}),
            (item.expires - today).days,
        )
        for item in platform.intent.waivers
    ]
    return tuple(sorted(found, key=lambda item: (item.days, item.waiver.target)))
