"""What operators' own plugins of kubectl print of their resources: CloudNativePG's `kubectl cnpg status`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.adapters.transcript.gathered import Raw

_ASKED = re.compile(r"\bcnpg\s+status\b")
_NAME = re.compile(r"^Name:?[ \t]+(?:(?P<namespace>[a-z0-9-]+)/)?(?P<name>[a-z0-9][a-z0-9.-]*)[ \t]*$", re.MULTILINE)
_STATUS = re.compile(r"^Status:[ \t]+(?P<status>\S.*)$", re.MULTILINE)
# Headings of the plugin's own, before which the summary ends.
_PARTS = re.compile(
    r"^(?:Instances status|Continuous Backup status|Streaming Replication status|Certificates Status)", re.MULTILINE
)


def clusters_told(line: str, text: str, namespace: str) -> Iterator[Raw]:
    """`line` is the command that was run, `text` what it printed: one cluster's summary first."""
    if not _ASKED.search(line):
        return
    summary = _PARTS.split(re.sub(r"\x1b\[[\d;]*m", "", text), maxsplit=1)[0]
    name, status = _NAME.search(summary), _STATUS.search(summary)
    if name and status:
        yield {
            "kind": "Cluster",
            "apiVersion": "postgresql.cnpg.io/v1",
            "metadata": {"name": name["name"], "namespace": name["namespace"] or namespace},
            "status": {"phase": status["status"].strip()[:300]},
        }
