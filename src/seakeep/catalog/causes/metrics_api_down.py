"""API that serves metrics is down.

What: the APIService of metrics.k8s.io, custom.metrics.k8s.io or external.metrics.k8s.io is not Available, or is not there while an autoscaler asks for it; `kubectl top` says "Metrics API not available".

Why: no ready pod behind its Service, a Service that was deleted, a server that the API server cannot reach, or a metrics-server that no kubelet lets read (certificates without IP addresses, blocked port 10250).

Bad:
    v1beta1.metrics.k8s.io   kube-system/metrics-server   False (MissingEndpoints)

Good:
    v1beta1.metrics.k8s.io   kube-system/metrics-server   True

Ignore when: metrics-server is being rolled out. A cluster without it, and without an autoscaler that needs it, is not reported.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.autoscaling.metrics_api import Outage, outages
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import APIService, HorizontalPodAutoscaler


def find(index: Index) -> Iterable[Candidate]:
    for item in outages(index):
        idle = f"; {len(item.autoscalers)} autoscaler(s) cannot work" if item.autoscalers else ""
        why = (
            f"its server cannot read the kubelets: {item.scrape}"
            if item.scrape
            else _WORDS.get(item.reason, item.reason or "not Available")
        )
        yield Candidate(
            id="metrics-api-down",
            object=item.api,
            summary=f"{item.api} does not serve metrics ({why[:160]}){idle}",
            evidence=item.evidence,
            affects=(*item.autoscalers, *item.unwell),
            repair=Repair(_repair(item)),
            confidence=_level(item),
            settled_by="" if item.sure else f"kubectl get apiservice {quote(item.api.name)}",
        )  # fmt: skip


_WORDS = {
    "MissingEndpoints": "no ready pod behind its Service",
    "ServiceNotFound": "its Service does not exist",
    "FailedDiscoveryCheck": "the API server gets no answer from it",
    "NotInstalled": "it is not registered",
    "NotServing": "it does not answer",
}


def _level(item: Outage) -> float:
    """What holds its pods down explains it; where that is the kubelets' refusal, it is known here."""
    if item.scrape or (item.reason in {"ServiceNotFound", "NotInstalled"} and item.sure):
        return PROVEN
    return POSSIBLE if item.unwell else LIKELY


def _repair(item: Outage) -> str:
    if "x509" in item.scrape:
        return "Let the kubelets serve certificates that name their addresses (serverTLSBootstrap, and approve the requests), or start metrics-server with --kubelet-insecure-tls."
    if item.scrape:
        return "Let metrics-server reach the kubelets: port 10250, --kubelet-preferred-address-types, its ClusterRole."
    if item.reason == "NotInstalled":
        return f"Install what provides {item.api.name.partition('.')[2]} (metrics-server, or an adapter for custom and external metrics)."
    if item.reason == "ServiceNotFound":
        return f"Create {item.service} again, or delete {item.api} if its provider is gone."
    if item.reason == "FailedDiscoveryCheck":
        return f"Let the API server reach {item.service}: its port and targetPort, network policies, and the pod's own network."
    return f"Bring back the pods behind {item.service}: are there any, are they ready, and does its selector fit?"


CAUSE = CauseLeaf(id="metrics-api-down", title="Metrics API is down", reads=(APIService, HorizontalPodAutoscaler), find=find, elsewhere=True)  # fmt: skip
