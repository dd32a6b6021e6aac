"""Events that a controller wrote into its own log as well (client-go's recorder): `Event(v1.ObjectReference{Kind:"…", …}): type: 'Warning' reason: '…' …`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.times import fingerprint
from seakeep.model.pattern import late

_LOGGED = late(
    r"Event\(v1\.ObjectReference\{Kind:\\?\"(?P<kind>\w+)\\?\", Namespace:\\?\"(?P<namespace>[a-z0-9-]*)\\?\", Name:\\?\"(?P<name>[a-z0-9.-]+)\\?\"(?:, UID:\\?\"(?P<uid>[0-9a-f-]+)\\?\")?.{0,400}?\}\): type: '(?P<type>\w+)' reason: '(?P<reason>\w+)' (?P<message>.*)"
)
_SYNCING = late(r"error syncing claim \"(?P<uid>[0-9a-f-]+)\": (?P<message>failed to provision .*)")
_SIGN = "Event(v1.ObjectReference{"
_MOST = 400


def logged_events(text: str, now: datetime) -> Iterator[Raw]:
    """The newest of each object, reason and message; when it was is not read: the log's end is now."""
    if _SIGN not in text:
        return
    lines = text.splitlines()[-_MOST:]
    known: dict[str, dict[str, str]] = {}
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for line in lines:
        if match := _LOGGED.search(line):
            told = match.groupdict()
            known[told.pop("uid") or ""] = told
        elif (match := _SYNCING.search(line)) and match["uid"] in known:
            # The provisioner knows the claim by its uid alone where it gives up.
            told = {
                **known[match["uid"]],
                "type": "Warning",
                "reason": "ProvisioningFailed",
                "message": match["message"],
            }
        else:
            continue
        found[tuple(told.values())] = told
    for told in found.values():
        yield {
            "kind": "Event",
            "metadata": {"name": f"{told['name']}.logged.{fingerprint(told):x}", "namespace": told["namespace"]},
            "involvedObject": {"kind": told["kind"], "namespace": told["namespace"], "name": told["name"]},
            "type": told["type"],
            "reason": told["reason"],
            "message": told["message"].strip(),
            "count": 1,
            "lastTimestamp": now.isoformat(),
            "source": {"component": "log"},
        }
