"""What service accounts with few rights see, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.errors import ObservationError
from seakeep.adapters.files.read import read_path
from seakeep.adapters.kube import observe
from seakeep.adapters.open import open_source
from seakeep.app.check import diagnose_snapshot
from seakeep.app.snapshot import capture
from seakeep.cli.options import today
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot
from seakeep.testing.testbed import ControlPlane
from tests.engines.kubernetes.accounts import account, allow, kubeconfig

pytestmark = pytest.mark.engine("kubernetes")
DEPLOY = Path(__file__).parents[3] / "deploy" / "rbac"
HOME = "limited-home"
EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["list"]}]
_APP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: limited-a}
spec:
  replicas: 1
  selector: {matchLabels: {app: ledger}}
  template:
    metadata:
      labels: {app: ledger}
      annotations:
        testbed.seakeep.dev/fault: crash-loop
        testbed.seakeep.dev/log.ledger: "fatal: dial tcp: lookup books on 10.96.0.10:53: no such host"
    spec:
      imagePullSecrets: [{name: there-but-hidden}]
      containers:
        - name: ledger
          image: registry.example.org/ledger:1
          env:
            - {name: BOOKS_URL, value: "http://books.limited-b:8080"}
            - {name: KEY, valueFrom: {secretKeyRef: {name: there-but-hidden, key: key}}}
"""


@pytest.fixture(scope="module")
def plane(control_plane: ControlPlane) -> ControlPlane:
    names = (HOME, "limited-a", "limited-b")
    control_plane.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names])
    control_plane.kubectl("create", "secret", "generic", "there-but-hidden", "-n", "limited-a", "--from-literal=key=x")
    control_plane.kubectl("create", "service", "clusterip", "books", "-n", "limited-b", "--tcp=8080")
    control_plane.apply(_APP)
    control_plane.wait_for("crash loop", lambda: _crashed(control_plane))
    return control_plane


def _crashed(plane: ControlPlane) -> bool:
    pods = plane.pods("limited-a", "app=ledger")
    return any(status.get("restartCount") for pod in pods for status in pod["status"].get("containerStatuses", []))


def _unread(snapshot: Snapshot) -> dict[str, str]:
    return {item.kind: item.reason for item in snapshot.unread}


def test_the_shipped_role_reads_all_and_nothing_but_reads(plane: ControlPlane, tmp_path: Path) -> None:
    plane.apply(DEPLOY / "read.yaml")
    file = kubeconfig(plane, tmp_path, "seakeep-read", "seakeep")
    assert _unread(observe(kubeconfig=file)) == {"Secret": "forbidden"}
    plane.apply(DEPLOY / "read-secret-names.yaml")
    out = tmp_path / "all.skz"
    kept = capture(open_source(None, kubeconfig=file, logs=True), out)
    assert kept.unread == ()
    assert ("limited-a", "ledger") in {(log.namespace, log.container) for log in kept.logs}
    _may_only_read(plane)


def _may_only_read(plane: ControlPlane) -> None:
    """All that the account may do, as the authorizer itself tells it; the rules that every signed-in user has are left out."""
    api = plane.api_for(plane.token_for("seakeep-read", "seakeep"))
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": "limited-a"},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    rules = api.request("POST", path, review)["status"]["resourceRules"]
    api.close()
    own = [rule for rule in rules if not rule["resources"][0].startswith("selfsubject")]
    assert own
    # To watch is what every account may of trust bundles.
    assert {verb for rule in own for verb in rule["verbs"]} <= {"get", "list", "watch"}
    reading = {name for rule in own for name in rule["resources"]}
    assert not {name for name in reading if name.startswith("pods/") and name != "pods/log"}, "no exec, no attach"
    for verb, resource in (
        ("create", "pods"),
        ("delete", "pods"),
        ("create", "pods/exec"),
        ("patch", "deployments.apps"),
    ):
        answer = plane.kubectl(
            "auth", "can-i", verb, resource, "--as=system:serviceaccount:seakeep:seakeep-read", check=False
        )
        assert answer.startswith("no"), (verb, resource)


def test_one_namespace_only(plane: ControlPlane, tmp_path: Path) -> None:
    """Bound in one namespace, which is the context's: that is read, the rest is said to be missing."""
    account(plane, "one-room", HOME)
    allow(plane, "one-room", HOME, EVERYTHING, "limited-a")
    out = tmp_path / "one.skz"
    capture(
        open_source(None, kubeconfig=kubeconfig(plane, tmp_path, "one-room", HOME, own="limited-a"), logs=True), out
    )
    seen = read_path(str(out))
    unread = _unread(seen)
    assert unread["Node"] == "forbidden"
    assert unread["Pod"] == "forbidden but in limited-a"
    assert {key[0] for key in seen.objects["Pod"]} == {"limited-a"}
    assert seen.lists_all("Pod", "limited-a")
    assert not seen.lists_all("Pod", "limited-b")
    assert not seen.lists_all("Node", "*")
    # books.limited-b exists, and was not seen; nothing may be concluded from that.
    assert "dependency-missing" not in _proven(seen)


def test_some_kinds_only(plane: ControlPlane, tmp_path: Path) -> None:
    """Pods everywhere, and nothing else: no Secret, no Service is missing on that account."""
    account(plane, "pods-only", HOME)
    allow(plane, "pods-only", HOME, [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}])
    seen = observe(kubeconfig=kubeconfig(plane, tmp_path, "pods-only", HOME))
    unread = _unread(seen)
    assert "Pod" not in unread
    assert {unread[kind] for kind in ("Service", "Secret", "Event", "Deployment", "Node")} == {"forbidden"}
    assert unread["logs"] == "forbidden"
    assert seen.lists_all("Pod", "*")
    claimed = _proven(seen)
    assert not claimed & {
        "config-reference-missing",
        "dependency-missing",
        "image-pull-unauthorized",
        "service-account-missing",
    }


def _proven(seen: Snapshot) -> set[str]:
    """Causes that are more than possible, in the namespace whose surroundings were not seen."""
    found = [cause.candidate for cause in diagnose_snapshot(seen, Intent(), today()).causes]
    return {
        item.id
        for item in found
        if item.certainty != "possible" and "limited-a" in {ref.namespace for ref in (item.object, *item.affects)}
    }


def test_with_sight_of_all_the_same_pod_has_its_cause(plane: ControlPlane) -> None:
    """The counterpart: what was not concluded above is concluded where it was seen."""
    seen = observe(kubeconfig=plane.kubeconfig, namespaces=["limited-a"])
    assert seen.unread == ()
    assert seen.logs


def test_no_right_at_all(plane: ControlPlane, tmp_path: Path) -> None:
    account(plane, "nobody", HOME)
    with pytest.raises(ObservationError, match="may read nothing") as raised:
        observe(kubeconfig=kubeconfig(plane, tmp_path, "nobody", HOME))
    assert raised.value.exit_code == 3


def test_expired_or_wrong_token(plane: ControlPlane, tmp_path: Path) -> None:
    file = tmp_path / "wrong.kubeconfig"
    file.write_text(plane.kubeconfig_for("not-a-token-that-anybody-issued"))
    with pytest.raises(ObservationError, match="does not accept the credentials") as raised:
        observe(kubeconfig=file)
    assert "log in again" in raised.value.hint
    assert "not-a-token" not in f"{raised.value}{raised.value.hint}"
