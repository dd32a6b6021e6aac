"""ServiceAccount lacks a right.

What: a pod's log says that its ServiceAccount may not do something with the API, or a kubectl command in a container asks for what none of its roles allows.

Why: a Role or RoleBinding is missing, or names another ServiceAccount or namespace.

Bad:
    subjects: [{kind: ServiceAccount, name: default}]      # the pod runs as ingest

Good:
    subjects: [{kind: ServiceAccount, name: ingest, namespace: data}]

Ignore when: the program goes on without the right.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.index import Index
from seakeep.facts.security.kubectl_rights import lacking
from seakeep.facts.security.misbound import misbound
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

USER = late(r"system:serviceaccount:(?P<namespace>[a-z0-9-]+):(?P<name>[a-z0-9.-]+)")
WISH = late(r"cannot (?P<verb>\w+) (?:resource )?\\?[\"']?(?P<resource>[\w./-]+)")


def find(index: Index) -> Iterable[Candidate]:
    found: dict[Ref, Candidate] = {}
    for pod in index.pods:
        for hit in hits(index, pod, Topic.FORBIDDEN):
            match = USER.search(hit.line)
            if match is None:
                continue
            account = Ref("ServiceAccount", match["namespace"], match["name"])
            wish = WISH.search(hit.line)
            what = f"{wish['verb']} {wish['resource']}" if wish else "what it asks for"
            known = found.get(account)
            crashed = not is_ready(pod) and not is_finished(pod)
            found[account] = Candidate(
                id="rbac-forbidden",
                object=account,
                summary=f"ServiceAccount {account.name} may not {what}",
                evidence=(hit.evidence, *(known.evidence if known else ()))[:4],
                affects=tuple(dict.fromkeys((*(known.affects if known else ()), pod.ref))),
                repair=Repair(
                    f"Bind ServiceAccount {account.namespace}/{account.name} to a Role that allows it to {what}."
                ),
                confidence=PROVEN if crashed or (known is not None and known.confidence == PROVEN) else LIKELY,
            )
            break
    for item in lacking(index):
        what = f"{item.verbs[0]} {item.resource}"
        if item.account not in found:
            path = f"spec.template.spec.containers[{item.container}].command"
            roles = ", ".join(str(role) for role in item.roles) or "no role at all"
            found[item.account] = Candidate(
                id="rbac-forbidden",
                object=item.account,
                summary=f"ServiceAccount {item.account.name} may not {what}, which container {item.container} of {item.workload.kind} {item.workload.name} does",
                evidence=(
                    Evidence(item.workload, path, item.command),
                    Evidence(item.account, "rules", f"{roles}: nothing that lets it {what}"),
                ),
                affects=(item.workload,),
                repair=Repair(f"Let the Role of ServiceAccount {item.account.name} allow {what}."),
                confidence=LIKELY,
            )
    for wrong in misbound(index):
        if wrong.users and wrong.meant not in found:
            found[wrong.meant] = Candidate(
                id="rbac-forbidden",
                object=wrong.meant,
                summary=f"{wrong.binding} names ServiceAccount {wrong.named.namespace}/{wrong.named.name}, which does not exist: {wrong.meant} gets no rights",
                evidence=(Evidence(wrong.binding, "subjects", f"{wrong.named.namespace}/{wrong.named.name}"),),
                affects=wrong.users,
                repair=Repair(
                    f"Let {wrong.binding} name namespace {wrong.meant.namespace} in its subject."
                    if wrong.named.name == wrong.meant.name
                    else f"Let {wrong.binding} name {wrong.meant} in its subject."
                ),
                confidence=LIKELY,
            )
    yield from (found[account] for account in sorted(found))


CAUSE = CauseLeaf(id="rbac-forbidden", title="ServiceAccount lacks a right", reads=(Pod,), find=find)
