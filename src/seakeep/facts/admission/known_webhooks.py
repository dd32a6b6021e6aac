"""Which configuration the webhooks of common projects stand in: a refusal names the webhook only."""

from __future__ import annotations

from collections.abc import Iterable

# Webhook -> configuration, as the projects' own manifests and charts call them.
_CONFIGURATIONS = {
    "mutate.kyverno.svc-fail": "kyverno-resource-mutating-webhook-cfg",
    "mutate.kyverno.svc-ignore": "kyverno-resource-mutating-webhook-cfg",
    "validate.kyverno.svc-fail": "kyverno-resource-validating-webhook-cfg",
    "validate.kyverno.svc-ignore": "kyverno-resource-validating-webhook-cfg",
    "validate-policy.kyverno.svc": "kyverno-policy-validating-webhook-cfg",
    "mutate-policy.kyverno.svc": "kyverno-policy-mutating-webhook-cfg",
    "namespace.sidecar-injector.istio.io": "istio-sidecar-injector",
    "object.sidecar-injector.istio.io": "istio-sidecar-injector",
    "rev.namespace.sidecar-injector.istio.io": "istio-sidecar-injector",
    "rev.object.sidecar-injector.istio.io": "istio-sidecar-injector",
    "validation.istio.io": "istiod-default-validator",
    "webhook.cert-manager.io": "cert-manager-webhook",
    "validate.nginx.ingress.kubernetes.io": "ingress-nginx-admission",
    "validation.gatekeeper.sh": "gatekeeper-validating-webhook-configuration",
    "check-ignore-label.gatekeeper.sh": "gatekeeper-validating-webhook-configuration",
    "mutation.gatekeeper.sh": "gatekeeper-mutating-webhook-configuration",
    "linkerd-proxy-injector.linkerd.io": "linkerd-proxy-injector-webhook-config",
    "linkerd-policy-validator.linkerd.io": "linkerd-policy-validator-webhook-config",
    "vault.hashicorp.com": "vault-agent-injector-cfg",
    "vpa.k8s.io": "vpa-webhook-config",
    "mpod.elbv2.k8s.aws": "aws-load-balancer-webhook",
    "mservice.elbv2.k8s.aws": "aws-load-balancer-webhook",
    "vingress.elbv2.k8s.aws": "aws-load-balancer-webhook",
    "prometheusrulemutate.monitoring.coreos.com": "kube-prometheus-stack-admission",
}


def configuration_named(webhook: str, listed: Iterable[str]) -> str:
    """Of the configurations that were listed by name, the one that the project calls so, or whose name alone shares a telling word with the webhook's; of none listed, the project's own name. "" where it cannot be told."""
    known = _CONFIGURATIONS.get(webhook, "")
    names = sorted(set(listed))
    near = [name for name in names if known and name.startswith(known)]
    if near or (known and not names):
        return near[0] if near else known
    words = {word for word in webhook.replace("-", ".").split(".") if word not in _COMMON}
    alike = [name for name in names if words & set(name.replace(".", "-").split("-"))]
    return alike[0] if len(alike) == 1 else known


# Words of webhooks' names that tell nothing about whose they are.
_COMMON = frozenset(
    [
        "io",
        "com",
        "org",
        "net",
        "sh",
        "dev",
        "k8s",
        "kb",
        "kubernetes",
        "svc",
        "webhook",
        "webhooks",
        "validate",
        "validating",
        "validation",
        "validator",
        "mutate",
        "mutating",
        "mutation",
        "admission",
        "pod",
        "pods",
        "v1",
        "v1beta1",
        "v1alpha1",
        "policy",
        "fail",
        "ignore",
    ]
)
