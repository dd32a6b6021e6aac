"""What the API server says of a manifest before admission looks at it, and of forms that the twin's own validation leaves to others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seakeep.adapters.files.misfits import MISSING, NO_WORD, UNKNOWN, misfits
from seakeep.facts.admission.removed_apis import REMOVED
from seakeep.facts.admission.served_versions import was_never_served
from seakeep.facts.admission.server_version import at_least
from seakeep.facts.admission.written_rules import broken_rules
from seakeep.facts.index import Index
from seakeep.model.objects import KubeObject
from seakeep.model.quantity import QuantityError
from seakeep.model.snapshot import Misfit, Snapshot
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.request import invalid
from seakeep.twin.admission.validation import everything


class Reading:
    """Why the API server of a snapshot takes a manifest for none, "" where it does not."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __call__(self, raw: Mapping[str, Any], new: KubeObject, old: KubeObject | None) -> str:
        version, kind = str(raw.get("apiVersion", "")), str(raw.get("kind", ""))
        if not self._serves(version, kind):
            return f'no matches for kind "{kind}" in version "{version}"'
        found = misfits(raw)
        unread = [_as_told(one) for one in found if one.wrong != MISSING and NO_WORD not in one.wrong]
        if unread:
            short = version.rpartition("/")[2]
            return f'{kind} in version "{short}" cannot be handled as a {kind}: {", ".join(unread)}'
        if _validated(new, old):
            return ""  # the twin says it, in the API server's words
        # What is there already is changed by what the manifest says, and need not be said again; what was wrong before is no reason.
        errors = [f"{one.path}: {one.wrong}" for one in found if old is None or one.wrong != MISSING]
        before = set(broken_rules(old, placed=True)) if old is not None else set()
        errors += [f"{path}: {fault}" for path, fault in broken_rules(new, placed=True) if (path, fault) not in before]
        return invalid(new, errors).message if errors else ""

    def _serves(self, version: str, kind: str) -> bool:
        gone = REMOVED.get((version, kind))
        if gone is not None:
            return at_least(Index(self._snapshot), gone.minor) is not True
        return not (version and was_never_served(version, kind))


def _as_told(one: Misfit) -> str:
    if one.wrong == UNKNOWN:
        return f'strict decoding error: unknown field "{one.path}"' + (f" ({one.meant}?)" if one.meant else "")
    return f"{one.path}: {one.wrong}"


def _validated(new: KubeObject, old: KubeObject | None) -> list[str]:
    try:
        return everything(defaulted(new), old)
    except QuantityError as error:
        return [str(error)]
