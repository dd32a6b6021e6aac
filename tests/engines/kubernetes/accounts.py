"""Service accounts that may do little."""

from __future__ import annotations

from pathlib import Path

from seakeep.testing.testbed import ControlPlane

RBAC = "rbac.authorization.k8s.io"


def kubeconfig(plane: ControlPlane, folder: Path, account: str, namespace: str, own: str = "default") -> Path:
    """A kubeconfig file of the service account; `own` is its context's namespace."""
    file = folder / f"{account}.kubeconfig"
    file.write_text(plane.kubeconfig_for(plane.token_for(account, namespace), namespace=own))
    return file


def account(plane: ControlPlane, name: str, namespace: str) -> None:
    plane.apply([{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}])


def allow(plane: ControlPlane, name: str, home: str, rules: list[dict[str, list[str]]], namespace: str = "") -> None:
    """Let the account `home`/`name` do this in a namespace, or everywhere."""
    scope, prefix = ({"namespace": namespace}, "") if namespace else ({}, "Cluster")
    metadata = {"name": name, **scope}
    role = {"apiVersion": f"{RBAC}/v1", "kind": f"{prefix}Role", "metadata": metadata, "rules": rules}
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{prefix}RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": f"{prefix}Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": home}],
    }
    plane.apply([role, binding])
