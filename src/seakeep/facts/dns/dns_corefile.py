"""What the Corefile, CoreDNS' log and its answers tell of its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.facts.containers.logs import lines_of
from seakeep.facts.dns.corefile_text import Defect, Harm, defects, upstreams
from seakeep.facts.dns.dns_lookups import DnsFault, Lookup, server_fault
from seakeep.facts.dns.dns_service import ailing, corefile, dns_template, dns_workload, is_up
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.shell_words import named
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_FATAL = late(
    r"Error during parsing|Unknown directive|plugin/loop: Loop|\[FATAL\] plugin/|^(?:\[FATAL\] )?plugin/\w+: |could not be opened"
)
# What a server that was not seen otherwise says last is why it ended.
_LAST = 3
_UPSTREAM = late(
    r"plugin/errors: \d+ (?P<name>\S+) .*->(?P<ip>[\d.]+):53: (?:i/o timeout|read: connection refused)|no upstream host|unreachable backend"
)


def corefile_ref(index: Index) -> Ref:
    item = corefile(index)
    return item.ref if item else Ref("ConfigMap", dns_workload(index).namespace, "coredns")


def of_log(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """CoreDNS' own last words, where a pod of it is not up, or was not seen and says that it ends."""
    for pod, last in (*((pod, None) for pod in ailing(index)), *((pod, -_LAST) for pod in _unseen(index))):
        for line in reversed([line for _, _, line in lines_of(index, pod)][last:]):
            if _FATAL.search(line):
                yield server_fault(
                    corefile_ref(index),
                    f"CoreDNS does not start with its Corefile: {line[:160]}",
                    "Correct the Corefile, then restart CoreDNS.",
                    CERTAIN,
                    (Evidence(pod.ref, "log", line[:300]), *(_corefile_line(index, line))),
                    failed,
                )
                return


def _unseen(index: Index) -> Iterator[Pod]:
    """Pods that are called like CoreDNS', and whose containers nobody showed."""
    name = dns_workload(index).name
    for pod in index.pods_in(dns_workload(index).namespace):
        if (pod.name == name or pod.name.startswith(f"{name}-")) and not pod.status.container_statuses:
            yield pod


def _corefile_line(index: Index, line: str) -> Iterator[Evidence]:
    """The line of the Corefile that the message counts."""
    config, number = corefile(index), re.search(r"Corefile:(\d{1,5})", line)
    rows = config.data["Corefile"].splitlines() if config else []
    if config and number and 0 < int(number[1]) <= len(rows):
        yield state_evidence(config, f"data.Corefile:{number[1]}", rows[int(number[1]) - 1].strip())


def of_text(index: Index, failed: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    config = corefile(index)
    for defect in defects(config.data["Corefile"]) if config else ():
        hurt = _hurt(defect, failed)
        level = _level(index, defect, hurt)
        if config and level:
            shown = state_evidence(config, "data.Corefile", defect.line or defect.what)
            text = f"the Corefile is at fault: {defect.what}, so that {defect.harm}"
            yield server_fault(config.ref, text, "Correct the Corefile and restart CoreDNS.", level, (shown,), hurt)
    yield from _of_upstream(index, failed)


def _hurt(defect: Defect, failed: tuple[Lookup, ...]) -> tuple[Lookup, ...]:
    if defect.harm is Harm.OUTSIDE:
        return tuple(item for item in failed if item.outside)
    if defect.harm is Harm.INSIDE:
        return tuple(item for item in failed if item.inside)
    return failed


def _level(index: Index, defect: Defect, hurt: tuple[Lookup, ...]) -> int:
    """0 where servers that are up contradict it. A Corefile that does not parse is not taken over while CoreDNS runs, and fells it at its next start."""
    if defect.harm is Harm.ALL:
        if is_up(index) and not ailing(index):
            return (FAIR if hurt else WEAK) if defect.sure else 0
        return (CERTAIN if defect.sure else FAIR) if ailing(index) else FAIR if hurt else WEAK
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
        yield server_fault(
            corefile_ref(index),
            text,
            "Forward to name servers that answer from the nodes, in the Corefile or in the nodes' resolv.conf.",
            level,
            (Evidence(pod.ref, "log", told[-1][:300]), *shown),
            hurt,
            f"From the node: dig @{named[0]} example.com" if explicit else "On the node: cat /etc/resolv.conf",
        )
        return


def of_denial(index: Index, denied: tuple[Lookup, ...]) -> Iterator[DnsFault]:
    """The server answers, and knows no name of a Service that exists: its Corefile, which was not seen, tells why. A short name may have been completed wrongly by the caller."""
    whole = [item for item in denied if ".svc." in item.call.host or ".svc.cluster" in item.call.evidence.value]
    checked = [item for item in whole if item.call.probe != "log"]
    names = sorted({item.call.host for item in denied})
    if not checked and len(names) < 2:
        return
    ref = corefile_ref(index)
    text = f"CoreDNS knows no {', '.join(names[:3])}, though the Service exists"
    repair = "Look in the Corefile for what answers names of Services: the kubernetes plugin, templates, rewrites."
    lookup = f"kubectl get configmap {named(ref)} -o yaml"
    yield server_fault(ref, text, repair, FAIR if checked else WEAK, (), denied, lookup)
