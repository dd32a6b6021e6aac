"""Object stores that refuse a workload's identity: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage, in the words of their clients."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.containers.crashes import crashes
from seakeep.facts.containers.logs import standing_lines
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_DENIED = "AccessDenied|AllAccessDisabled|AccountProblem|ExpiredToken|403|Forbidden"
_KEYS = "InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken"
_ACTIONS = r"(?:\w*Object\w*|\w*Bucket\w*|\w*MultipartUpload\w*|UploadPart\w*|ListParts)"


def _form(codes: str) -> re.Pattern[str]:
    """botocore, the SDK for Go, the SDK for Java, Hadoop's s3a, the older SDK for Go, and the other two clouds."""
    return late(
        rf"An error occurred \((?:{codes})\) when calling the (?P<action>{_ACTIONS}) operation"
        rf"|operation error S3: (?P<action_go>{_ACTIONS}),.{{0,300}}(?:StatusCode: 403|api error (?:{codes}))"
        r"|(?:AmazonS3Exception|S3Exception): (?:Access Denied|Forbidden|The AWS Access Key Id|The request signature)"
        r"|s3a?://\S{1,200}: .{0,300}(?:Access Denied|403 Forbidden|Status Code: 403)"
        rf"|(?:{codes}): Access Denied\W.{{0,40}}status code: 403"
        r"|does not have (?P<action_gcs>storage\.\w+\.\w+) (?:access|permission)|AuthorizationPermissionMismatch|AuthorizationFailure.{0,80}blob"
    )


_RUNNING = _form(f"{_DENIED}|{_KEYS}")
# Of one that crashes, wrong keys are told as app-config-error.
_CRASHING = _form(_DENIED)


class StoreDenial(Struct, frozen=True):
    """`action` is what was asked of the store, "" where the line does not say."""

    workload: Ref
    pods: tuple[Pod, ...]
    action: str
    evidence: tuple[Evidence, ...]


def store_denials(index: Index) -> Iterator[StoreDenial]:
    """One per workload, by the newest line of each pod."""
    crashing = {crash.pod.ref for crash in crashes(index)}
    found: dict[Ref, list[tuple[Pod, str, Evidence]]] = {}
    for pod in index.pods if index.snapshot.logs else ():
        told = None if is_finished(pod) else _told(index, pod, _CRASHING if pod.ref in crashing else _RUNNING)
        if told:
            found.setdefault(workload_of(index, pod), []).append((pod, *told))
    for workload, items in sorted(found.items()):
        action = next((action for _, action, _ in items if action), "")
        yield StoreDenial(workload, tuple(pod for pod, *_ in items), action, tuple(proof for *_, proof in items[:3]))


def _told(index: Index, pod: Pod, form: re.Pattern[str]) -> tuple[str, Evidence] | None:
    for line in standing_lines(index, pod):
        if match := form.search(line[:2000]):
            action = next((text for text in match.groupdict().values() if text), "")
            return action, Evidence(pod.ref, "log", line[:300])
    return None
