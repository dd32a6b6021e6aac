"""Both sides of a case of tests/conformance/field_cases.py: nothing is stored but the objects to change, each request is a dry run."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import KubeObject
from seakeep.model.refs import Ref
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import Api, ApiError
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.state import State
from tests.conformance.admission_compare import plain
from tests.conformance.field_cases import BASES, Case, Object, base, spoilt

# A value of many fields, which the twin leaves out.
_LONG = re.compile(
    r"(spec\.(?:template(?:\.spec)?|podFailurePolicy|volumeClaimTemplates): Invalid value: )(?:\{.*?\}|\[.*?\])(?=: field is)"
    r"|(\.securityContext: Invalid value: )\{.*?\}(?=: cannot set)"
)
# What changed, after some refusals.
_DIFF = re.compile(r"\n@@.*?\n(?=, |\]$|$)", re.DOTALL)


@dataclass
class Played:
    accepted: int = 0
    refused: int = 0
    known: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def play(plane: ControlPlane, namespace: str, cases: Iterable[Case]) -> Played:
    plane.api.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}])
    plane.wait_for("the namespace's account", lambda: plane.api.find("v1", "ServiceAccount", namespace))
    state = State({}, lambda _: True)
    for version, kind in (("v1", "ServiceAccount"), ("v1", "ConfigMap")):
        for item in plane.api.find(version, kind, namespace):
            state.put(from_mapping(item | {"apiVersion": version, "kind": kind}))
    state.put(from_mapping(plane.api.get("v1", "Namespace", namespace)))
    stored: dict[str, Object] = {}
    for kind, (version, _) in BASES.items():
        if kind == "LimitRange":
            continue  # it would change all that comes after it
        made = plane.api.request("POST", plane.api.path(version, kind, namespace), base(kind, namespace))
        stored[kind] = made | {"apiVersion": version, "kind": kind}
        state.put(from_mapping(stored[kind]))
    found = Played()

    def run(case: Case) -> tuple[Case, Object, tuple[int, str], tuple[int, str]]:
        with closing(plane.api_for(plane.token)) as api:
            return _both(api, namespace, state, stored, case)

    chosen = [case for case in cases if not case.changes or case.kind in stored]
    with ThreadPoolExecutor(4) as pool:
        for case, sent, real, twin in pool.map(run, chosen):
            found.accepted += not real[0]
            found.refused += bool(real[0])
            _compare(found, case, sent, real, twin)
    return found


def _both(
    api: Api, namespace: str, state: State, stored: dict[str, Object], case: Case
) -> tuple[Case, Object, tuple[int, str], tuple[int, str]]:
    version = BASES[case.kind][0]
    if not case.changes:
        sent = base(case.kind, namespace)
        sent["metadata"]["name"] = f"new-{case.kind.lower()}"
        sent = spoilt(sent, case.faults)
        path = api.path(version, case.kind, namespace)
        return case, sent, _real(partial(api.request, "POST", f"{path}?dryRun=All", sent)), _twin(state, sent, None)
    now = stored[case.kind]
    for _ in range(9):
        # What controllers write meanwhile.
        now = api.get(version, case.kind, now["metadata"]["name"], namespace) | {
            "apiVersion": version,
            "kind": case.kind,
        }
        kept = tuple(fault for fault in case.faults if fault[0] != "metadata.name")
        sent = spoilt(now, kept)
        path = api.path(version, case.kind, namespace, now["metadata"]["name"])
        real = _real(partial(api.request, "PUT", f"{path}?dryRun=All", sent))
        if real[0] != 409:
            break
    return case, sent, real, _twin(state, sent, from_mapping(now))


def _real(send: partial[object]) -> tuple[int, str]:
    try:
        send()
    except ApiError as error:
        return error.status, error.server_message
    return 0, ""


def _twin(state: State, sent: Object, old: KubeObject | None) -> tuple[int, str]:
    item = from_mapping(sent)
    branch = state.branch()
    if old is not None:
        branch.put(old)
    else:
        branch.remove(Ref(item.kind, item.namespace, item.name))
    try:
        admit(branch, item, old)
    except RejectedError as error:
        return error.code, error.message
    return 0, ""


def _compare(found: Played, case: Case, sent: Object, real: tuple[int, str], twin: tuple[int, str]) -> None:
    if real == twin:
        return
    said = _LONG.sub(lambda match: f"{match[1] or match[2]}…", _DIFF.sub("", real[1]))
    mine = _LONG.sub(lambda match: f"{match[1] or match[2]}…", twin[1])
    if (real[0], said) == (twin[0], mine):
        found.known["immutable-fields-diff"] += 1
    elif (real[0], plain(said)) == (twin[0], plain(mine)):
        found.known["order-of-parts"] += 1
    else:
        verb = "changed" if case.changes else "made"
        told = f"{case.kind} {verb} with {json.dumps(case.faults)}"
        found.differences.append(f"{told}\n  real {real[0]} {real[1][:600]}\n  twin {twin[0]} {twin[1][:600]}")
        del sent
