"""API server refuses the manifest.

What: a manifest does not have the form of its kind: a field that the kind does not have (a typing error, or a field that slipped to another level), a number or true where text belongs, a required field
that is missing, a selector that its own template's labels do not match, a request above its limit, a mount without its volume, a schedule that is none.

Why: written by hand, indented wrongly, rendered from values without quotes, or copied from another kind. `kubectl apply` refuses it; GitOps tools stop the whole application there. An API server that is told not to
validate drops unknown fields silently, and the probe or limit is then simply not there.

Bad:
    env: [{name: SMTP_PORT, value: 587}]

Good:
    env: [{name: SMTP_PORT, value: "587"}]

Ignore when: something else completes the manifest before it is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.catalog.manifest_faults import ManifestFaults
from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused, refused, shortened
from seakeep.facts.index import Index
from seakeep.facts.workloads.planned_parts import parts_within
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.templates import Template
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import KubeObject, Metadata, Pod
from seakeep.model.quantity import QuantityError
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Misfit
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.validation import faults

_MOST = 6


def find(index: Index) -> Iterable[Candidate]:
    if not index.snapshot.intent_only:
        yield from _told(index)
        return
    objects = index.snapshot.objects
    within: dict[Ref, list[tuple[str, str]]] = {}
    for part in parts_within(index):
        within.setdefault(part.ref, []).extend(_of_part(part))
    faults_of = ManifestFaults(placed=any(item.namespace for group in objects.values() for item in group.values())).of
    for group in objects.values():
        for item in group.values():
            ref = item.ref
            unfit = index.snapshot.misfits.get(ref, ())
            # What is not read as it was written cannot be judged any further.
            wrong = [(one.path, one.wrong) for one in unfit] or list(
                dict.fromkeys((*faults_of(item), *within.get(ref, ())))
            )
            if wrong:
                yield _candidate(item, wrong, unfit)


def _told(index: Index) -> Iterator[Candidate]:
    """In the server's own words, to a controller that was to make a pod."""
    for item in refused(index, Refused.INVALID):
        if item.current:
            yield Candidate(
                id="manifest-refused",
                object=item.workload,
                summary=f"{item.workload.kind} {item.workload.name}: the API server refuses {shortened(item.detail)}",
                evidence=(item.evidence,),
                affects=(item.owner,),
                repair=Repair(
                    f"Leave the field as it is, or delete {item.workload.kind} {item.workload.name} and make it anew."
                    if "immutable" in item.detail or "updates to " in item.detail
                    else f"Correct in {item.workload.kind} {item.workload.name}: {shortened(item.detail)}."
                ),
                confidence=LIKELY,
            )


def _candidate(item: KubeObject, wrong: list[tuple[str, str]], unfit: tuple[Misfit, ...]) -> Candidate:
    (path, fault), more = wrong[0], len(wrong) - 1
    who = f"{item.kind} {item.name}"
    meant = unfit[0].meant if unfit else ""
    unknown = all(one.wrong == "no such field" for one in unfit) and bool(unfit)
    return Candidate(
        id="manifest-refused",
        object=item.ref,
        summary=f"{who} is refused as it is written: {path}: {fault}"[:300]
        + (f" (and {more} more fault{'s' if more > 1 else ''})" if more else ""),
        evidence=tuple(Evidence(item.ref, where, text[:300]) for where, text in wrong[:_MOST]),
        affects=(item.ref,),
        repair=Repair(f"Correct {path} of {who}" + (f": {meant} is meant." if meant else ".")),
        # Without strict validation an unknown field is dropped, and the rest is applied.
        confidence=LIKELY if unknown else PROVEN,
    )


def _of_part(part: Template) -> Iterator[tuple[str, str]]:
    """What an operator cannot mend: amounts, and a mount whose volume is nowhere while another volume is mounted nowhere."""
    pod = Pod(metadata=Metadata(name="pod"), spec=part.spec)
    mounted = {mount.name for each in containers(part.spec) for mount in each.volume_mounts}
    idle = [volume.name for volume in part.spec.volumes if volume.name not in mounted]
    try:
        found = faults(defaulted(pod))
    except QuantityError:
        return
    for text in found:
        path, _, fault = text.partition(": ")
        if ".resources" in path or "must be unique" in fault or (fault.startswith("Not found") and idle):
            yield path.replace("spec.", f"{part.path}.", 1), fault


CAUSE = CauseLeaf(id="manifest-refused", title="API server refuses the manifest", reads=(), find=find)
