"""What a run needs to be allowed, asked of the server beforehand (SelfSubjectAccessReview)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from seakeep.adapters.kube.resources import Resources
from seakeep.adapters.kube.sender import Answer, Sender
from seakeep.model.commands import Event, Failed, Lacking, Why
from seakeep.model.plan import Planned

_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_TRIES = 3
Need = tuple[str, str, str, str]  # verb, group, resource, namespace


def needs(changes: Iterable[Planned], resources: Resources) -> Iterator[Need]:
    """What a run of these changes, and its rollback, must be allowed to do."""
    for change in changes:
        kind = resources.find(change.api_version, change.target.kind)
        if isinstance(kind, Failed):
            continue  # the plan may bring the kind's definition; the dry run says so otherwise
        namespace = change.target.namespace if kind.namespaced else ""
        # What was made is deleted where the run is rolled back.
        verbs = ("get", "patch") if change.base.exists else ("get", "create", "patch", "delete")
        for verb in verbs:
            yield verb, kind.group, kind.plural, namespace


def _asked(sender: Sender, body: Any) -> Answer | Failed:
    """A question changes nothing, and there may be dozens: one answer that is lost does not begin them all anew."""
    answer = sender.ask("POST", _PATH, None, body)
    for _ in range(_TRIES):
        if not (isinstance(answer, Failed) and answer.why in {Why.LOST, Why.UNREACHABLE}):
            break
        answer = sender.ask("POST", _PATH, None, body)
    return answer


def lacking(sender: Sender, wanted: Iterable[Need]) -> Event:
    """`Lacking` with those of `wanted` that the server denies; none where it does not tell. `Failed` where it does not answer."""
    missing = []
    for verb, group, resource, namespace in sorted(set(wanted)):
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = _asked(sender, body)
        if isinstance(answer, Failed):
            if answer.why in {Why.FORBIDDEN, Why.GONE}:
                return Lacking()  # the server does not tell: the dry run will
            return Failed(Why.BUSY, answer.message, after=answer.after) if answer.why is Why.LOST else answer
        if not (answer.body.get("status") or {}).get("allowed"):
            where = f" in namespace {namespace}" if namespace else ""
            missing.append(f"{verb} {resource}{f'.{group}' if group else ''}{where}")
    return Lacking(tuple(missing))
