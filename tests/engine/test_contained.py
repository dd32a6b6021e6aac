"""A cause that breaks no more than what it affects."""

from __future__ import annotations

from datetime import date

from seakeep.app.check import diagnose_snapshot
from seakeep.model.platform import Intent
from seakeep.testing.cases import snapshot_of

_TRANSCRIPT = """\
$ kubectl get nodes -o wide
NAME         STATUS   ROLES    AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME
k8s-worker   {status}   <none>   90d   v1.31.2   10.0.0.5      <none>        Ubuntu     6.8.0            containerd://1.7.13
$ kubectl get pods -n lake -o wide
NAME      READY   STATUS             RESTARTS      AGE   IP            NODE         NOMINATED NODE   READINESS GATES
doris-0   0/1     CrashLoopBackOff   12 (1m ago)   2h    10.244.1.31   k8s-worker   <none>           <none>
$ kubectl logs -n lake doris-0 --previous
Error from server: Get "https://10.0.0.5:10250/containerLogs/lake/doris-0/doris": dial tcp 10.0.0.5:10250: connect: connection refused
"""


def _unexplained(status: str) -> set[str]:
    case = {"transcript": _TRANSCRIPT.format(status=status), "partial": True}
    found = diagnose_snapshot(snapshot_of(case), Intent(), date(2026, 3, 2))
    assert [item.candidate.id for item in found.causes][:1] == ["kubelet-down"]
    return {item.object.name for item in found.unexplained}


def test_a_kubelet_that_only_the_api_server_cannot_reach_does_not_explain_a_crash_on_its_node() -> None:
    assert "doris-0" in _unexplained("Ready")


def test_a_lost_node_explains_what_is_unwell_on_it() -> None:
    assert "doris-0" not in _unexplained("NotReady")
