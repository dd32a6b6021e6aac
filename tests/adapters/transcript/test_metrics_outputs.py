"""Autoscalers, API registrations and usage, as kubectl prints them."""

from __future__ import annotations

from seakeep.adapters.transcript.read import read_transcript
from seakeep.model.objects import APIService, HorizontalPodAutoscaler
from seakeep.model.objects.cluster import WebhookService
from seakeep.model.snapshot import Usage

HPA = """\
$ kubectl describe hpa web -n shop
Name:                                                     web
Namespace:                                                shop
CreationTimestamp:                                        Sun, 01 Mar 2026 09:00:00 +0000
Reference:                                                Deployment/web
Metrics:                                                  ( current / target )
  resource cpu on pods  (as a percentage of request):     <unknown> / 75%
  resource memory on pods:                                120Mi / 200Mi
  resource cpu of container "app" on pods  (as a percentage of request):  <unknown> / 60%
  "http_requests" on pods:                                <unknown> / 100
  "queue_length" (target average value):                  <unknown> / 30
Min replicas:                                             2
Max replicas:                                             10
Deployment pods:                                          3 current / 0 desired
Conditions:
  Type           Status  Reason                   Message
  ----           ------  ------                   -------
  AbleToScale    True    SucceededGetScale        the HPA controller was able to get the target's current scale
  ScalingActive  False   FailedGetResourceMetric  the HPA was unable to compute the replica count: missing request for cpu
Events:          <none>
"""
API = """\
$ kubectl describe apiservice v1beta1.metrics.k8s.io
Name:         v1beta1.metrics.k8s.io
Namespace:
API Version:  apiregistration.k8s.io/v1
Kind:         APIService
Metadata:
  Creation Timestamp:  2026-01-01T10:00:00Z
Spec:
  Group:                   metrics.k8s.io
  Service:
    Name:            metrics-server
    Namespace:       kube-system
    Port:            443
  Version:           v1beta1
Status:
  Conditions:
    Last Transition Time:  2026-03-02T11:20:00Z
    Message:               endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"
    Reason:                MissingEndpoints
    Status:                False
    Type:                  Available
Events:                    <none>
"""


def test_description_of_an_autoscaler() -> None:
    hpa = read_transcript(HPA, "t").get(HorizontalPodAutoscaler, "shop", "web")
    assert hpa is not None
    assert [metric["type"] for metric in hpa.spec.metrics] == [
        "Resource",
        "Resource",
        "ContainerResource",
        "Pods",
        "External",
    ]
    assert hpa.spec.metrics[0]["resource"] == {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": 75},
    }
    assert hpa.spec.metrics[1]["resource"]["current"] == {"averageValue": "120Mi"}
    assert hpa.spec.metrics[1]["resource"]["target"] == {"type": "AverageValue", "averageValue": "200Mi"}
    assert hpa.spec.metrics[3]["pods"] == {"metric": {"name": "http_requests"}, "target": {"averageValue": "100"}}
    assert hpa.spec.metrics[2]["containerResource"]["container"] == "app"
    assert hpa.status.current_replicas == 3
    assert hpa.status.conditions[1].message.endswith("missing request for cpu")


def test_description_of_a_registration() -> None:
    item = read_transcript(API, "t").get(APIService, "", "v1beta1.metrics.k8s.io")
    assert item is not None
    assert item.spec.service == WebhookService(name="metrics-server", namespace="kube-system")
    condition = item.status.conditions[0]
    assert (condition.type, condition.status, condition.reason) == ("Available", "False", "MissingEndpoints")
    assert condition.message.startswith("endpoints for service/metrics-server")
    assert condition.last_transition_time is not None


def test_one_metric_with_a_value_is_enough() -> None:
    text = """\
$ kubectl get hpa -n shop
NAME   REFERENCE        TARGETS                               MINPODS   MAXPODS   REPLICAS   AGE
a      Deployment/a     cpu: 12%/80%, memory: <unknown>/80%   1         8         2          3d
b      Deployment/b     cpu: <unknown>/80%                    1         8         2          3d
"""
    found = {item.name: item.status.conditions for item in read_transcript(text, "t").all(HorizontalPodAutoscaler)}
    assert found["a"] == ()
    assert found["b"][0].status == "False"


def test_refused_usage_is_said() -> None:
    found = read_transcript("$ kubectl top nodes\nerror: Metrics API not available\n", "t")
    assert [(item.kind, item.reason) for item in found.unread] == [("NodeMetrics", "Metrics API not available")]
    assert not found.usage


def test_measurements_as_objects_become_usage() -> None:
    text = """\
$ kubectl get --raw /apis/metrics.k8s.io/v1beta1/namespaces/shop/pods
{"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "items": [
  {"metadata": {"name": "web-0", "namespace": "shop"}, "containers": [
    {"name": "web", "usage": {"cpu": "198765432n", "memory": "120Mi"}}, {"name": "odd", "usage": {"cpu": "?"}}]}]}
"""
    found = read_transcript(text, "t")
    assert found.usage == (Usage("shop", "web-0", "web", 199, 120 * 1024**2),)
    assert "PodMetrics" not in found.objects


def test_a_row_at_its_maximum_and_above_its_target_is_limited() -> None:
    text = """\
$ kubectl get hpa -n shop
NAME   REFERENCE        TARGETS                       MINPODS   MAXPODS   REPLICAS   AGE
a      Deployment/a     cpu: 96%/60%                  1         5         5          3d
b      Deployment/b     cpu: 64%/60%                  1         5         5          3d
c      Deployment/c     cpu: 96%/60%                  1         8         5          3d
d      Deployment/d     240%/80%                      1         5         5          3d
e      Deployment/e     1500m/1 (avg), cpu: 3%/80%    1         5         5          3d
"""
    found = {item.name: item.status.conditions for item in read_transcript(text, "t").all(HorizontalPodAutoscaler)}
    assert sorted(name for name, conditions in found.items() if conditions) == ["a", "d", "e"]
    assert found["a"][0].reason == "TooManyReplicas"
