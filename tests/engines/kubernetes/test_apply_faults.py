"""Faults on the wire, in the cluster and beside it, while the command line applies a plan to a real control plane. Each ends in done, resumed or rolled back, with a clear message."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from seakeep.model.plan import Plan
from seakeep.model.refs import Ref
from seakeep.testing.proxy import Fault, FaultProxy, Rule, is_write
from seakeep.testing.testbed import ControlPlane
from tests.apply.cluster import Cli, changes_since, content, prepare, snapshot, version
from tests.apply.plans import change, plan
from tests.engines.kubernetes.accounts import account, allow, kubeconfig

pytestmark = pytest.mark.engine("kubernetes")
_FLAGS = ("--yes", "--force-conflicts", "--no-scores")
_NUMBERS = count(1)
RBAC = Path(__file__).parents[3] / "deploy" / "rbac"


class Case:
    """A namespace of its own, a small plan for it, and a command line."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.plane, self.namespace = plane, f"case-{next(_NUMBERS):02d}"
        self.plan = prepare(plane, self.namespace, 3)
        # A lease of its own, so that a case that fails stands in nobody's way.
        self.cli = Cli(folder, plane.kubeconfig, self.namespace)
        self.file = str(self.cli.plan(self.plan))
        self.version = version(plane, self.namespace)
        self.before = content(plane, self.namespace, generations=False)

    def through(self, rule: Rule) -> tuple[FaultProxy, Path]:
        proxy = FaultProxy(self.plane.url, self.plane.folder, rule)
        file = self.cli.folder / "proxy.kubeconfig"
        file.write_text(self.plane.kubeconfig.read_text().replace(self.plane.url, proxy.url))
        return proxy, file

    def check_done(self) -> None:
        once = {item.id.replace(f"/{self.namespace}/", "/"): 1 for item in self.plan.changes}
        assert changes_since(self.plane, self.namespace, self.version) == once

    def check_back(self) -> None:
        assert content(self.plane, self.namespace, generations=False) == self.before


@pytest.fixture
def case(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Case]:
    found = Case(control_plane, tmp_path)
    yield found
    control_plane.api.delete("v1", "Namespace", found.namespace)


def _nth_write(*numbers: int, fault: Fault) -> Rule:
    seen = count(1)
    return lambda method, path, _: fault if is_write(method, path) and next(seen) in numbers else None


_PASSING: dict[str, Rule] = {
    "latency": lambda _, __, ___: Fault(seconds=0.05),
    "cut before the server": _nth_write(2, 5, fault=Fault(cut="before")),
    "cut after the server": _nth_write(2, 5, 9, fault=Fault(cut="after")),
    "half an answer": _nth_write(1, 4, fault=Fault(cut="half")),
    "429 with Retry-After": _nth_write(3, fault=Fault(429, {"Retry-After": "1"}, "TooManyRequests")),
    "500": _nth_write(2, 3, fault=Fault(500, {}, "InternalError")),
    "503": _nth_write(1, 2, 3, fault=Fault(503, {}, "ServiceUnavailable")),
    "409 of a moved object": _nth_write(2, fault=Fault(409, {}, "Conflict")),
    "410": lambda method, path, number: (
        Fault(410, {}, "Expired") if method == "GET" and "/configmaps/" in path and number % 5 == 0 else None
    ),
    "every seventh request cut": lambda _, __, number: Fault(cut="before") if number % 7 == 6 else None,
}


@pytest.mark.parametrize("name", _PASSING)
def test_what_passes_is_waited_for(case: Case, name: str) -> None:
    proxy, file = case.through(_PASSING[name])
    with proxy:
        found = case.cli.run("apply", case.file, *_FLAGS, kubeconfig=file)
    assert proxy.faults
    assert found.returncode == 0, (found.stdout, found.stderr)
    case.check_done()


def test_an_expired_token_stops_the_run_and_another_resumes_it(case: Case) -> None:
    seen = count(1)
    expired = Fault(401, {}, "Unauthorized")
    valid = [6]

    def rule(method: str, path: str, _: int) -> Fault | None:
        number = next(seen) if is_write(method, path) else 0
        valid[0] -= bool(number)
        return expired if valid[0] < 0 else None

    proxy, file = case.through(rule)
    with proxy:
        found = case.cli.run("apply", case.file, *_FLAGS, kubeconfig=file)
    assert found.returncode == 1
    assert "does not accept the credentials any more" in found.stdout
    assert "seakeep apply --resume" in found.stdout
    resumed = case.cli.run("apply", "--resume", case.cli.last_run(), *_FLAGS)
    assert resumed.returncode == 0, (resumed.stdout, resumed.stderr)
    case.check_done()


def test_a_server_that_stays_away_stops_the_run_and_it_is_resumed(case: Case) -> None:
    writes = count(1)
    gone = [False]

    def rule(method: str, path: str, _: int) -> Fault | None:
        gone[0] = gone[0] or (is_write(method, path) and next(writes) > 5)
        return Fault(cut="before") if gone[0] else None

    proxy, file = case.through(rule)
    with proxy:
        found = case.cli.run("apply", case.file, *_FLAGS, kubeconfig=file)
    assert found.returncode == 1
    assert "stopped" in found.stdout
    resumed = case.cli.run("apply", "--resume", case.cli.last_run(), *_FLAGS)
    assert resumed.returncode == 0, (resumed.stdout, resumed.stderr)
    case.check_done()


def test_a_policy_that_rejects_refuses_the_plan_beforehand(case: Case) -> None:
    _policy(case, "object.metadata.name != 'made-1'", "no object of that name")
    found = case.cli.run("apply", case.file, *_FLAGS)
    assert found.returncode == 20
    assert "made-1: rejected" in found.stdout
    assert "no object of that name" in found.stdout
    case.check_back()


def test_a_policy_that_comes_in_the_middle_rolls_the_run_back(case: Case) -> None:
    paused = case.cli.run("apply", case.file, *_FLAGS, "--pause-after", "2")
    assert paused.returncode == 0, (paused.stdout, paused.stderr)
    assert "paused (after wave 2 (repaired workloads), as asked)" in paused.stdout
    _policy(case, "object.metadata.name != 'app-02'", "app-02 is frozen")
    found = case.cli.run("apply", "--resume", case.cli.last_run(), *_FLAGS)
    assert found.returncode == 21, (found.stdout, found.stderr)
    assert "app-02 is frozen" in found.stdout
    _no_policy(case)
    case.check_back()


def test_a_person_who_changes_the_same_field_meanwhile_is_respected(case: Case) -> None:
    case.cli.run("apply", case.file, *_FLAGS, "--pause-after", "1")
    api = case.plane.api
    api.merge("v1", "ConfigMap", "config-01", case.namespace, {"data": {"level": "trace"}})
    api.merge("apps/v1", "Deployment", "app-02", case.namespace, {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}})  # fmt: skip
    found = case.cli.run("apply", "--resume", case.cli.last_run(), *_FLAGS)
    assert found.returncode == 1, (found.stdout, found.stderr)
    assert "somebody changed the fields of Deployment" in found.stdout
    assert "data.level of ConfigMap" in found.stdout
    assert '("trace", not "debug")' in found.stdout
    assert api.get("v1", "ConfigMap", "config-01", case.namespace)["data"]["level"] == "trace"
    back = case.cli.run("rollback", case.cli.last_run(), "--yes", "--force-conflicts")
    assert back.returncode == 21, (back.stdout, back.stderr)


def test_what_others_added_since_stays(case: Case) -> None:
    """Rolled back is what the run wrote, and nothing else."""
    done = case.cli.run("apply", case.file, *_FLAGS)
    assert done.returncode == 0, (done.stdout, done.stderr)
    api = case.plane.api
    note = {"metadata": {"annotations": {"example.org/note": "kept"}}}
    api.merge("v1", "ConfigMap", "config-00", case.namespace, note)
    api.merge("v1", "ConfigMap", "config-00", case.namespace, {"data": {"theirs": "kept"}})
    back = case.cli.run("rollback", case.cli.last_run(), "--yes")
    assert back.returncode == 21, (back.stdout, back.stderr)
    found = api.get("v1", "ConfigMap", "config-00", case.namespace)
    assert found["data"] == {"kept": "yes", "level": "info", "theirs": "kept"}
    assert found["metadata"]["annotations"] == {"example.org/note": "kept"}


def test_two_at_once(case: Case) -> None:
    """The second finds the lease taken, or the state moved; it writes nothing."""
    other = Cli(case.cli.folder / "other", case.plane.kubeconfig, case.namespace)
    other.folder.mkdir()
    other.plan(case.plan)
    slow, file = case.through(lambda _, __, ___: Fault(seconds=0.05))
    with slow:
        first = Cli(case.cli.folder, file, case.namespace).start("apply", case.file, *_FLAGS)
        try:
            _await_lease(case)
            second = other.run("apply", case.file, *_FLAGS)
        finally:
            out, err = first.communicate(timeout=90)
    assert second.returncode == 20, (second.stdout, second.stderr)
    assert "another Seakeep is at work" in second.stdout
    assert first.returncode == 0, (out, err)
    case.check_done()


@pytest.mark.parametrize("name", ["kube-apiserver", "etcd"])
def test_a_restart_is_waited_for(case: Case, name: str) -> None:
    slow, file = case.through(lambda method, path, _: Fault(seconds=0.3) if is_write(method, path) else None)
    with slow:
        running = Cli(case.cli.folder, file, case.namespace).start("apply", case.file, *_FLAGS)
        try:
            _await_lease(case)
            with case.plane.without(name):
                time.sleep(2)
            out, err = running.communicate(timeout=120)
        finally:
            running.kill()
    if running.returncode == 1 and "stopped" in out:  # it took longer than the run had patience
        resumed = case.cli.run("apply", "--resume", case.cli.last_run(), *_FLAGS)
        assert resumed.returncode == 0, (resumed.stdout, resumed.stderr)
    else:
        assert running.returncode == 0, (out, err)
    # A server that was restarted does not tell what was before: the generations do.
    for item in case.plane.api.find("apps/v1", "Deployment", case.namespace):
        assert item["metadata"]["generation"] == 2, item["metadata"]["name"]
    same = case.cli.run("verify", case.cli.last_run())
    assert same.returncode == 0, (same.stdout, same.stderr)


def test_rights_that_are_missing_are_listed_before_anything_is_written(case: Case, tmp_path: Path) -> None:
    account(case.plane, "half", case.namespace)
    rules = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "create", "patch", "delete"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "patch"]},
    ]
    allow(case.plane, "half", case.namespace, rules, case.namespace)
    file = kubeconfig(case.plane, tmp_path, "half", case.namespace, case.namespace)
    found = case.cli.run("apply", case.file, *_FLAGS, "--lease-namespace", case.namespace, kubeconfig=file)
    assert found.returncode == 20, (found.stdout, found.stderr)
    for right in ("patch deployments.apps", "create poddisruptionbudgets.policy"):
        assert f"{right} in namespace {case.namespace}" in found.stdout
    case.check_back()


def test_the_shipped_roles_suffice_and_the_reading_one_does_not(case: Case, tmp_path: Path) -> None:
    for name in ("read", "check", "apply"):
        case.plane.apply(RBAC / f"{name}.yaml")
    lease = ("--lease-namespace", "seakeep")
    checks = kubeconfig(case.plane, tmp_path, "seakeep-check", "seakeep")
    found = case.cli.run("apply", case.file, *_FLAGS, *lease, kubeconfig=checks)
    assert found.returncode != 0
    assert "forbidden" in found.stdout or "cannot" in found.stdout, found.stdout
    case.check_back()
    applies = kubeconfig(case.plane, tmp_path, "seakeep-apply", "seakeep")
    done = case.cli.run("apply", case.file, "--yes", "--force-conflicts", *lease, kubeconfig=applies)
    assert done.returncode == 0, (done.stdout, done.stderr)
    case.check_done()
    run = case.cli.last_run()
    same = case.cli.run("verify", run, kubeconfig=applies)
    assert same.returncode == 0, (same.stdout, same.stderr)
    case.plane.api.merge("v1", "ConfigMap", "config-00", case.namespace, {"data": {"level": "trace"}})
    other = case.cli.run("verify", run, kubeconfig=applies)
    assert other.returncode == 12
    assert 'is "trace", not "debug": set by' in other.stdout
    case.plane.api.merge("v1", "ConfigMap", "config-00", case.namespace, {"data": {"level": "debug"}})
    back = case.cli.run("rollback", run, "--yes", *lease, kubeconfig=applies)
    assert back.returncode == 21, (back.stdout, back.stderr)
    case.check_back()


def test_a_stale_plan_a_namespace_that_ends_and_another_cluster(case: Case) -> None:
    api = case.plane.api
    api.merge("v1", "ConfigMap", "config-02", case.namespace, {"data": {"kept": "no"}})
    found = case.cli.run("apply", case.file, *_FLAGS)
    assert found.returncode == 20
    assert f"ConfigMap {case.namespace}/config-02 has changed since the plan)\n" in found.stdout
    assert "Make a new plan:\n" in found.stdout
    other = _with(case.plan, cluster="another-uid")
    case.cli.plan(other)
    found = case.cli.run("apply", case.file, *_FLAGS)
    assert found.returncode == 20
    assert "another cluster" in found.stdout
    namespace = f"{case.namespace}-ending"
    hold = {"metadata": {"name": namespace}, "apiVersion": "v1", "kind": "Namespace"}
    pin = {"apiVersion": "v1", "kind": "ConfigMap", "data": {}, "metadata": {"name": "pin", "namespace": namespace, "finalizers": ["example.org/held"]}}  # fmt: skip
    case.plane.apply([hold, pin])
    seen = snapshot(case.plane, namespace)
    made = plan(seen, [("w", [change(seen, Ref("ConfigMap", namespace, "new"), {"data": {"a": "b"}})])])
    api.delete("v1", "Namespace", namespace)
    case.cli.plan(made)
    found = case.cli.run("apply", case.file, *_FLAGS)
    assert found.returncode == 20, (found.stdout, found.stderr)
    assert "is being terminated" in found.stdout
    api.merge("v1", "ConfigMap", "pin", namespace, {"metadata": {"finalizers": None}})


def _with(value: Plan, **fields: str) -> Plan:
    return replace(value, **fields)


def _policy(case: Case, expression: str, message: str) -> None:
    name = f"policy-{case.namespace}"
    rule = {"apiGroups": ["", "apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps", "deployments"]}  # fmt: skip
    version_ = "admissionregistration.k8s.io/v1"
    policy = {
        "apiVersion": version_,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            # What goes back must pass: only what carries the marks is judged.
            "validations": [
                {
                    "expression": f"!('annotations' in object.metadata) || !('seakeep.dev/plan' in object.metadata.annotations) || ({expression})",
                    "message": message,
                }
            ],
        },
    }
    binding = {
        "apiVersion": version_,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": case.namespace}}},
        },
    }
    case.plane.apply([policy, binding])
    probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made-1", "namespace": case.namespace, "annotations": {"seakeep.dev/plan": "x"}}}  # fmt: skip
    probe["metadata"]["name"] = "made-1" if "made-1" in expression else "app-02"
    path = case.plane.api.path("v1", "ConfigMap", case.namespace)
    for _ in range(100):  # the server takes a policy up after a moment
        try:
            case.plane.api.request("POST", f"{path}?dryRun=All", probe)
        except Exception:  # noqa: BLE001 - whatever it says, it judges now
            return
        time.sleep(0.1)
    pytest.fail("the policy is not in force")


def _no_policy(case: Case) -> None:
    for kind in ("ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"):
        case.plane.api.delete("admissionregistration.k8s.io/v1", kind, f"policy-{case.namespace}")


def _await_lease(case: Case) -> None:
    for _ in range(200):
        found = case.plane.api.find("coordination.k8s.io/v1", "Lease", case.namespace)
        if any(item["spec"].get("holderIdentity") for item in found):
            return
        time.sleep(0.05)
    pytest.fail("nobody took the lease")
