"""Whether the cluster's DNS answers, and what keeps it from it: its Deployment, its Corefile, its Service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from seakeep.facts.corefile_text import Defect, Harm, defects, upstreams
from seakeep.facts.dns_clients import policy_faults, resolver_faults
from seakeep.facts.dns_lookups import DnsFault, How, Lookup, lookups
from seakeep.facts.dns_service import PORT, SYSTEM, corefile, dns_service, dns_template, dns_workload, is_up
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.logs import lines_of
from seakeep.facts.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.once import once
from seakeep.facts.podstate import status_column, waiting_reasons
from seakeep.model.cause import Evidence
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

_FATAL = re.compile(
    r"Error during parsing|Unknown directive|plugin/loop: Loop|^(?:\[FATAL\] )?plugin/\w+: |could not be opened"
)
_UPSTREAM = re.compile(
    r"plugin/errors: \d+ (?P<name>\S+) .*->(?P<ip>[\d.]+):53: (?:i/o timeout|read: connection refused)|no upstream host|unreachable backend"
)
# States of a pod whose reason is not DNS' own; another cause tells it better.
_OTHER_REASONS = re.compile(r"Image|Config|Evicted|OOM|Pending|ContainerCreating|Terminating|Unknown|Init|Preempt")


@once
def server_faults(index: Index) -> tuple[DnsFault, ...]:
    """The Corefile's before the Deployment's: a server that crashes over its configuration is well otherwise."""
    if index.snapshot.intent_only:
        return tuple(_of_text(index, ()))
    explained = {item for fault in (*resolver_faults(index), *policy_faults(index)) for item in fault.lookups}
    own = dns_workload(index)
    failed = tuple(item for item in lookups(index) if item not in explained and item.call.workload != own)
    found = [*_of_log(index, failed), *_of_text(index, failed)][:1]
    if not found:
        found = [*_of_service(index, failed), *_of_workload(index, failed)][:1]
    return tuple(_with_servers(index, item) for item in found or _unseen(index, failed))


def _config(index: Index) -> Ref:
    item = corefile(index)
    return item.ref if item else Ref("ConfigMap", dns_workload(index).namespace, "coredns")


def _of_log(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """CoreDNS' own last words, while it is not up."""
    template = dns_template(index)
    for pod in template.pods if template and is_up(index) is False else ():
        for _, _, line in reversed(list(lines_of(index, pod))):
            if _FATAL.search(line):
                yield _fault(
                    _config(index),
                    f"CoreDNS does not start with its Corefile: {line[:160]}",
                    "Correct the Corefile, then restart CoreDNS.",
                    CERTAIN,
                    (Evidence(pod.ref, "log", line[:300]), *(_corefile_line(index, line))),
                    failed,
                )
                return


def _corefile_line(index: Index, line: str) -> Iterator[Evidence]:
    """The line of the Corefile that the message counts."""
    config, number = corefile(index), re.search(r"Corefile:(\d{1,5})", line)
    rows = config.data["Corefile"].splitlines() if config else []
    if config and number and 0 < int(number[1]) <= len(rows):
        yield state_evidence(config, f"data.Corefile:{number[1]}", rows[int(number[1]) - 1].strip())


def _of_text(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    config = corefile(index)
    for defect in defects(config.data["Corefile"]) if config else ():
        hurt = _hurt(defect, failed)
        level = _level(index, defect, hurt)
        if config and level:
            shown = state_evidence(config, "data.Corefile", defect.line or defect.what)
            text = f"the Corefile is at fault: {defect.what}, so that {defect.harm}"
            yield _fault(config.ref, text, "Correct the Corefile and restart CoreDNS.", level, (shown,), hurt)
    yield from _of_upstream(index, failed)


def _hurt(defect: Defect, failed: tuple[Lookup, ...]) -> tuple[Lookup, ...]:
    if defect.harm is Harm.OUTSIDE:
        return tuple(item for item in failed if item.outside)
    if defect.harm is Harm.INSIDE:
        return tuple(item for item in failed if item.inside)
    return failed


def _level(index: Index, defect: Defect, hurt: tuple[Lookup, ...]) -> int:
    """0 where a server that is up contradicts it: a Corefile that does not parse is not taken over while CoreDNS runs."""
    up = is_up(index)
    if defect.harm is Harm.ALL:
        return 0 if up else (CERTAIN if defect.sure else FAIR) if up is False else FAIR if hurt else WEAK
    if defect.harm is Harm.OUTSIDE:
        return FAIR if hurt else 0
    return (CERTAIN if hurt else FAIR) if defect.sure else FAIR if hurt else 0


def _of_upstream(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """Only names outside fail, and CoreDNS says that the servers behind it do not answer."""
    template, config = dns_template(index), corefile(index)
    if any(item.inside for item in failed):
        return
    named = upstreams(config.data["Corefile"]) if config else ()
    for pod in template.pods if template else ():
        told = [line for _, previous, line in lines_of(index, pod) if not previous and _UPSTREAM.search(line)]
        if not told:
            continue
        hurt = tuple(item for item in failed if item.outside)
        explicit = any(word[:1].isdigit() for word in named)
        level = FAIR if explicit and hurt else WEAK
        text = f"the servers to which CoreDNS forwards other names ({', '.join(named[:3]) or 'not shown'}) do not answer, so that {Harm.OUTSIDE}"
        shown = (state_evidence(config, "data.Corefile", f"forward {' '.join(named)}"),) if config else ()
        yield _fault(
            _config(index),
            text,
            "Forward to name servers that answer from the nodes, in the Corefile or in the nodes' resolv.conf.",
            level,
            (Evidence(pod.ref, "log", told[-1][:300]), *shown),
            hurt,
            f"From the node: dig @{named[0]} example.com" if explicit else "On the node: cat /etc/resolv.conf",
        )
        return


def _of_service(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """Pods ask an address, or a port, that the Service does not have."""
    service = dns_service(index)
    if service is None:
        yield from _no_service(index, failed)
        return
    ports = {(item.port, item.protocol) for item in service.spec.ports}
    if ports and (PORT, "UDP") not in ports and index.snapshot.depth(service.ref) >= Depth.TABLE:
        shown = ", ".join(f"{port}/{protocol}" for port, protocol in sorted(ports))
        text = f"Service {service.name} has no UDP port {PORT} ({shown}), which every resolver asks"
        evidence = (state_evidence(service, "spec.ports", shown),)
        yield _fault(service.ref, text, f"Give Service {service.name} UDP port {PORT}.", CERTAIN, evidence, failed)
    asked = sorted({item.server for item in failed if item.server and item.how is How.SILENT})
    own = service.spec.cluster_ip
    if own and asked and own not in asked and not _is_known(index, asked[0]):
        text = f"pods ask {asked[0]} for names, while Service {service.name} is at {own}"
        evidence = (state_evidence(service, "spec.clusterIP", own),)
        repair = f"Recreate Service {service.name} with clusterIP {asked[0]}, or set clusterDNS of the kubelets to {own} and restart the pods."
        yield _fault(service.ref, text, repair, FAIR, evidence, failed)


def _is_known(index: Index, address: str) -> bool:
    """Another server of the platform, or a cache on the node."""
    return address.startswith("169.254.") or index.pod_at(address) is not None


def _no_service(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    ref = Ref("Service", SYSTEM, "kube-dns")
    silent = tuple(item for item in failed if item.how is How.SILENT)
    seen = dns_template(index) is not None and index.snapshot.is_absent(ref)
    if seen and silent:
        text = "Service kube-dns does not exist, so that no pod reaches the DNS server"
        repair = f"Create Service kube-dns in {SYSTEM} with the clusterIP that the kubelets' clusterDNS names."
        yield _fault(ref, text, repair, CERTAIN, (), silent)


def _of_workload(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    template, ref = dns_template(index), dns_workload(index)
    if template is None:
        inside = tuple(item for item in failed if item.inside or item.how is How.SILENT)
        if inside and index.snapshot.is_absent(ref) and any(index.pods_in(SYSTEM)):
            evidence = (Evidence(ref, "metadata.name", "not found"),)
            yield _fault(ref, "CoreDNS does not exist", "Install CoreDNS again.", FAIR, evidence, inside)
        return
    if is_up(index) is not False:
        return
    name = f"{ref.kind} {ref.name}"
    if template.wanted == 0:
        evidence = (state_evidence(template.item, "spec.replicas", 0),)
        level = CERTAIN if failed else FAIR
        yield _fault(ref, f"{name} is scaled to 0: no name resolves", f"Scale {name} up to 2.", level, evidence, failed)
        return
    states = sorted({status_column(pod) for pod in template.pods}) or ["no pods"]
    told = tuple(Evidence(pod.ref, "status", status_column(pod)) for pod in template.pods[:3])
    elsewhere = any(_OTHER_REASONS.search(state) for state in states) or any(
        _OTHER_REASONS.search(reason) for pod in template.pods for reason in waiting_reasons(pod).values()
    )
    level = WEAK if elsewhere or not failed else FAIR
    seen = told or (state_evidence(template.item, "status.readyReplicas", 0),)
    lookup = f"kubectl logs -n {ref.namespace} {ref.kind.lower()}/{ref.name} --previous"
    text = f"no pod of {name} is ready ({', '.join(states)}): no name resolves"
    yield _fault(ref, text, f"Bring the pods of {name} back.", level, seen, failed, lookup)


def _unseen(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """DNS itself was not looked at, and names that exist do not resolve, or several get no answer."""
    if is_up(index) is not None:
        return
    inside = tuple(item for item in failed if item.inside)
    silent = tuple(item for item in failed if item.how is How.SILENT)
    names = {item.call.host for item in (*inside, *silent)}
    if not any(item.how is How.SILENT for item in inside) and len(names) < 2:
        return
    ref = dns_workload(index)
    lookup = f"kubectl get deployment,pods,endpoints,configmap/coredns -n {SYSTEM} -l k8s-app=kube-dns"
    text = f"look-ups of {', '.join(sorted(names)[:3])} fail, and the cluster's DNS was not seen"
    repair = "Look at the pods, the log and the Corefile of CoreDNS."
    yield _fault(ref, text, repair, WEAK, (), tuple(dict.fromkeys((*inside, *silent))), lookup)


def _fault(
    culprit: Ref,
    what: str,
    repair: str,
    level: int,
    evidence: tuple[Evidence, ...],
    hurt: tuple[Lookup, ...],
    settled_by: str = "",
) -> DnsFault:
    return DnsFault(
        culprit,
        what,
        repair,
        level,
        (*evidence, *(item.call.evidence for item in hurt[:4])),
        hurt,
        (),
        settled_by if level < CERTAIN else "",
    )


def _with_servers(index: Index, fault: DnsFault) -> DnsFault:
    """What befalls CoreDNS' own pods is a consequence too."""
    template = dns_template(index)
    if template is None or is_up(index) is not False:
        return fault
    return replace(fault, sufferers=(template.ref, *(pod.ref for pod in template.pods)))
