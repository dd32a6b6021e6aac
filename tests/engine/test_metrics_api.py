"""A broken metrics-server, the API that it serves and the autoscalers that need it are one answer, not three."""

from __future__ import annotations

from seakeep.catalog.loader import causes
from seakeep.engine.diagnose import diagnose
from seakeep.facts.calls.dependencies import consumers
from seakeep.facts.index import Index
from seakeep.testing.cases import snapshot_of

BROKEN = """\
$ kubectl get deploy,pods -n kube-system
NAME                             READY   UP-TO-DATE   AVAILABLE   AGE
deployment.apps/metrics-server   0/1     1            0           5d

NAME                                  READY   STATUS             RESTARTS   AGE
pod/metrics-server-6d94bc8694-x2x7p   0/1     ImagePullBackOff   0          5d
$ kubectl get events -n kube-system
LAST SEEN   TYPE      REASON   OBJECT                                MESSAGE
1m          Warning   Failed   pod/metrics-server-6d94bc8694-x2x7p   Failed to pull image "registry.k8s.io/metrics-server:v0.99": rpc error: code = NotFound desc = failed to resolve reference "registry.k8s.io/metrics-server:v0.99": not found
$ kubectl get apiservices
NAME                     SERVICE                      AVAILABLE                  AGE
v1beta1.metrics.k8s.io   kube-system/metrics-server   False (MissingEndpoints)   200d
$ kubectl get hpa
NAME   REFERENCE        TARGETS              MINPODS   MAXPODS   REPLICAS   AGE
api    Deployment/api   cpu: <unknown>/60%   2         8         2          3d
"""


def test_the_image_explains_the_api_and_the_autoscaler() -> None:
    index = Index(snapshot_of({"name": "broken", "transcript": BROKEN}))
    found = diagnose(index, causes(), consumers(index))
    assert [cause.candidate.id for cause in found.causes] == ["image-not-found"]
    assert {cause.candidate.id for cause in found.causes[0].consequences} == {"metrics-api-down", "hpa-blind"}
    assert not found.unexplained


def test_a_blind_autoscaler_of_its_own_stays_an_answer() -> None:
    index = Index(
        snapshot_of(
            {
                "name": "own",
                "objects": [
                    {
                        "kind": "HorizontalPodAutoscaler",
                        "metadata": {"name": "web", "creationTimestamp": "2026-03-01T00:00:00Z"},
                        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5},
                        "status": {
                            "conditions": [
                                {
                                    "type": "ScalingActive",
                                    "status": "False",
                                    "reason": "FailedGetResourceMetric",
                                    "message": "missing request for cpu in container web of Pod web-6d4b75cb6d-x2x7p",
                                }
                            ]
                        },
                    },
                    {
                        "kind": "APIService",
                        "metadata": {"name": "v1beta1.custom.metrics.k8s.io"},
                        "spec": {"service": {"namespace": "monitoring", "name": "adapter"}},
                        "status": {
                            "conditions": [{"type": "Available", "status": "False", "reason": "ServiceNotFound"}]
                        },
                    },
                ],
            }
        )
    )
    found = diagnose(index, causes(), consumers(index))
    assert {cause.candidate.id for cause in found.causes} == {"hpa-blind", "metrics-api-down"}
