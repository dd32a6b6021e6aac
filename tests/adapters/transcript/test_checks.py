"""Programs run inside pods and on nodes: what they printed, and what that means."""

from __future__ import annotations

import json

import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check

ENDED = "command terminated with exit code 1\n"
POD = Ref("Pod", "data", "web")


def run(inner: str, printed: str) -> Check:
    (check,) = read_transcript(f"$ kubectl exec web -n data -- {inner}\n{printed}", "test").checks
    assert check.origin == POD
    return check


@pytest.mark.parametrize(
    ("inner", "printed", "outcome"),
    [
        ("nc -zv db 5432", "Connection to db (10.96.0.8) 5432 port [tcp/postgresql] succeeded!\n", "ok"),
        ("nc -zv db 5432", "db (10.96.0.8:5432) open\n", "ok"),
        ("nc -zv db 5432", "Ncat: Version 7.92 ( https://nmap.org/ncat )\nNcat: Connected to 10.96.0.8:5432.\n", "ok"),
        ("nc -zv -w 2 db 5432", f"nc: db (10.96.0.8:5432): Connection refused\n{ENDED}", "refused"),
        ("nc -zv -w 2 db 5432", f"nc: connect to db port 5432 (tcp) timed out: Operation now in progress\n{ENDED}", "timeout"),
        ("nc -zvw2 db 5432", f"Ncat: TIMEOUT.\n{ENDED}", "timeout"),
        ("nc -zv db 5432", f"nc: bad address 'db'\n{ENDED}", "dns-failure"),
        ("nc -zv db 5432", f'nc: getaddrinfo for host "db" port 5432: Name or service not known\n{ENDED}', "dns-failure"),
        ("nc -zv db 5432", f"nc: db (10.96.0.8:5432): No route to host\n{ENDED}", "unreachable"),
        ("sh -c 'nc -zv db 5432 2>&1'", f"nc: db (10.96.0.8:5432): Connection refused\n{ENDED}", "refused"),
        ("timeout 5 nc -zv db 5432", f"nc: db (10.96.0.8:5432): Connection refused\n{ENDED}", "refused"),
        ("telnet db 5432", "Trying 10.96.0.8...\nConnected to db.\n", "ok"),
    ],
)  # fmt: skip
def test_tcp(inner: str, printed: str, outcome: str) -> None:
    check = run(inner, printed)
    assert (check.probe, check.target, check.port, check.outcome) == ("tcp", "db", 5432, outcome)


@pytest.mark.parametrize(
    ("inner", "printed", "target", "port", "outcome"),
    [
        ("curl -v http://es:9200/", "*   Trying 10.96.0.9:9200...\n< HTTP/1.1 200 OK\n", "es", 9200, "ok"),
        ("curl -s -o /dev/null -w '%{http_code}' http://es:9200/", "503", "es", 9200, "http-error"),
        ("curl -sv http://es:9200/", f"* connect to 10.96.0.9 port 9200 failed: Connection refused\ncurl: (7) Failed to connect to es port 9200\n{ENDED}", "es", 9200, "refused"),
        ("curl -m 5 http://es", f"curl: (28) Connection timed out after 5001 milliseconds\n{ENDED}", "es", 80, "timeout"),
        ("curl https://es", f"curl: (6) Could not resolve host: es\n{ENDED}", "es", 443, "dns-failure"),
        ("curl https://es", f"curl: (60) SSL certificate problem: certificate has expired\n{ENDED}", "es", 443, "tls-error"),
        ("curl -s http://es:9200", f"curl: (52) Empty reply from server\n{ENDED}", "es", 9200, "reset"),
        ("wget -qO- -T 3 http://es:9200/health", f"wget: can't connect to remote host (10.96.0.9): Connection refused\n{ENDED}", "es", 9200, "refused"),
        ("wget -qO- http://es.data.svc:9200", f"wget: bad address 'es.data.svc:9200'\n{ENDED}", "es.data.svc", 9200, "dns-failure"),
        ("wget -S -O- http://es:9200", "  HTTP/1.1 401 Unauthorized\n", "es", 9200, "ok"),
        ("curl es:9200", '{"status":"green"}', "es", 9200, "ok"),
    ],
)  # fmt: skip
def test_http(inner: str, printed: str, target: str, port: int, outcome: str) -> None:
    check = run(inner, printed)
    assert (check.probe, check.target, check.port, check.outcome) == ("http", target, port, outcome)


def test_the_time_that_a_call_took() -> None:
    assert run("curl -w 'time_total: %{time_total}' http://es:9200", "ok time_total: 6.021").latency == 6.021


@pytest.mark.parametrize(
    ("inner", "printed", "outcome"),
    [
        ("nslookup db", "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tdb.data.svc.cluster.local\nAddress: 10.96.0.8\n", "ok"),
        ("nslookup db", f"Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find db: NXDOMAIN\n{ENDED}", "dns-failure"),
        ("nslookup db", f";; connection timed out; no servers could be reached\n{ENDED}", "dns-failure"),
        ("nslookup db", f"nslookup: can't resolve 'db'\n{ENDED}", "dns-failure"),
        ("dig +short db", "10.96.0.8\n", "ok"),
        ("dig db", ";; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN\n;; flags: qr; QUERY: 1, ANSWER: 0\n", "dns-failure"),
        ("dig db", ";; flags: qr; QUERY: 1, ANSWER: 1\n;; ANSWER SECTION:\ndb.  30  IN  A  10.96.0.8\n", "ok"),
        ("getent hosts db", "10.96.0.8       db.data.svc.cluster.local\n", "ok"),
        ("host db", "Host db not found: 3(NXDOMAIN)\n", "dns-failure"),
    ],
)  # fmt: skip
def test_dns(inner: str, printed: str, outcome: str) -> None:
    check = run(inner, printed)
    assert (check.probe, check.target, check.outcome) == ("dns", "db", outcome)


UNITS = [
    ("kubelet", "● kubelet.service - kubelet: The Kubernetes Node Agent\n     Loaded: loaded (/lib/systemd/system/kubelet.service; enabled)\n     Active: active (running) since Mon 2026-03-02 08:00:00 UTC; 3h ago\n", "ok"),
    ("kubelet", "○ kubelet.service - kubelet\n     Active: inactive (dead) since Mon 2026-03-02 11:29:30 UTC\n", "inactive"),
    ("containerd", "× containerd.service - containerd\n     Active: failed (Result: exit-code) since Mon 2026-03-02 11:29:30 UTC\n", "failed"),
    ("kubelet", "     Active: activating (auto-restart) (Result: exit-code)\n", "inactive"),
    ("kubelet.service", "Unit kubelet.service could not be found.\n", "inactive"),
]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        "kubectl debug node/node-a -it --image=busybox -- chroot /host systemctl status {}",
        "kubectl debug node/node-a -q -- chroot /host systemctl status {} --no-pager",
        "kubectl debug node/node-a -it --image=x -- nsenter -t 1 -m -u -i -n -- systemctl status {}",
        "ssh node-a systemctl status {}",
        "ssh -i key root@node-a sudo systemctl status {}",
        "docker exec node-a systemctl status {}",
    ],
)
@pytest.mark.parametrize(("unit", "printed", "outcome"), UNITS)
def test_units_of_a_node(command: str, unit: str, printed: str, outcome: str) -> None:
    (check,) = read_transcript(f"$ {command.format(unit)}\n{printed}", "test").checks
    assert (check.probe, check.origin, check.target, check.outcome) == (
        "unit",
        Ref("Node", "", "node-a"),
        unit.removesuffix(".service"),
        outcome,
    )


@pytest.mark.parametrize(
    ("printed", "outcome"), [("active\n", "ok"), ("inactive\n", "inactive"), ("failed\n", "failed")]
)
def test_is_active(printed: str, outcome: str) -> None:
    (check,) = read_transcript(
        f"$ kubectl debug node/node-a -- chroot /host systemctl is-active kubelet\n{printed}", "test"
    ).checks
    assert check.outcome == outcome


@pytest.mark.parametrize(
    "printed",
    ['Error from server (NotFound): pods "web" not found', 'error: unable to upgrade connection: container not found ("main")', "Error from server: error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused"],
)  # fmt: skip
def test_a_command_that_did_not_run_says_nothing_of_its_target(printed: str) -> None:
    found = read_transcript(
        f"$ kubectl exec web -n data -- nc -zv db 5432\n{printed}\n$ kubectl get ns\nNAME   STATUS   AGE\ndata   Active   5d\n",
        "test",
    )
    assert all(check.target != "db" for check in found.checks)


def test_checks_in_a_json_object() -> None:
    commands = {
        "kubectl exec web -n data -- nc -zv db 5432": f"nc: db (10.96.0.8:5432): Connection refused\n{ENDED}",
        "ssh node-a systemctl is-active kubelet": "inactive\n",
    }
    found = read_transcript(json.dumps(commands), "test")
    assert sorted((check.probe, check.outcome) for check in found.checks) == [("tcp", "refused"), ("unit", "inactive")]


# --- logs


@pytest.mark.parametrize(
    ("command", "container", "previous"),
    [
        ("logs web -n data", "", False),
        ("logs -f web -n data --tail=100", "", False),
        ("logs web -c main -n data -p", "main", True),
        ("logs pod/web --container=main --namespace data --previous", "main", True),
        ("-n data logs web --since 5m", "", False),
    ],
)
def test_logs(command: str, container: str, previous: bool) -> None:
    (log,) = read_transcript(f"$ kubectl {command}\nstarting\n$ not a prompt\nfailed\n", "test").logs
    assert (log.namespace, log.pod, log.container, log.previous) == ("data", "web", container, previous)
    assert log.text == "starting\n$ not a prompt\nfailed"


def test_logs_of_several_pods_are_told_apart_by_their_prefix() -> None:
    text = "$ kubectl logs -l app=web --prefix -n data\n[pod/web-0/main] one\n[pod/web-1/main] two\n[pod/web-0/side] three\n"
    logs = read_transcript(text, "test").logs
    assert {(log.pod, log.container): log.text for log in logs} == {
        ("web-0", "main"): "one",
        ("web-1", "main"): "two",
        ("web-0", "side"): "three",
    }


@pytest.mark.parametrize(
    "printed",
    [
        'Error from server (BadRequest): previous terminated container "main" in pod "web" not found',
        "error: timed out waiting for the condition",
    ],
)
def test_errors_are_no_logs(printed: str) -> None:
    found = read_transcript(
        f"$ kubectl logs web -n data --previous\n{printed}\n$ kubectl get ns\nNAME   STATUS   AGE\ndata   Active   5d\n",
        "test",
    )
    assert found.logs == ()


def test_the_version_of_the_server() -> None:
    for printed in (
        "Client Version: v1.37.0\nKustomize Version: v5.7.1\nServer Version: v1.36.2",
        'Server Version: version.Info{Major:"1", Minor:"25", GitVersion:"v1.25.4"}',
    ):
        found = read_transcript(
            f"$ kubectl version\n{printed}\n$ kubectl get ns\nNAME   STATUS   AGE\ndata   Active   5d\n", "test"
        )
        assert found.server_version in {"v1.36.2", "v1.25.4"}
