"""What mails, trackers, chats and web pages do to a pasted screen."""

from __future__ import annotations

import html

import pytest

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.read import read_bytes
from seakeep.adapters.transcript.marks import unmarked
from seakeep.model.objects import Event, Pod

SHOWN = """\
$ kubectl get pods -n tea
NAME       READY   STATUS             RESTARTS   AGE
kettle-0   0/1     CrashLoopBackOff   7          21m
$ kubectl describe pod kettle-0 -n tea
Name:             kettle-0
Namespace:        tea
Node:             n-1/10.9.0.1
Status:           Running
Containers:
  kettle:
    Image:          tea.example/kettle:3
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
    Restart Count:  7
Events:
  Type     Reason   Age                From     Message
  ----     ------   ----               ----     -------
  Warning  BackOff  2m (x9 over 20m)   kubelet  Back-off restarting failed container kettle in pod kettle-0_tea(1)
"""
BEFORE, AFTER = "Good morning,\nour kettle boils over.\n\n", "\n\nWhat now? I am out of tea.\nBest, Mo\n"


def behind(mark: str) -> str:
    return "".join(f"{mark}{line}\n" for line in SHOWN.splitlines())


MARKED = {
    "a quotation": BEFORE + behind("> ") + AFTER,
    "a mail's answer": "See below.\n\nOn Tue, Mo <mo@tea.example> wrote:\n>> Hello,\n>>\n" + behind(">> "),
    "an archive's quotation": BEFORE + behind("&gt; ") + AFTER,
    "a quoted fence": BEFORE + "> ```\n" + behind("> ") + "> ```\n" + AFTER,
    "an indented block": BEFORE + behind("    ") + AFTER,
    "HTML": f"<p>Good morning</p>\n<pre><code>{html.escape(SHOWN)}</code></pre><p>What now?</p>",
    "details": f"{BEFORE}<details><summary>the pods</summary><pre>\n{html.escape(SHOWN)}</pre></details>{AFTER}",
    "a mail in HTML": "<div>Good morning,<br>"
    + html.escape(SHOWN).replace(" ", "&nbsp;").replace("\n", "<br>")
    + "</div>",
    "Jira's code": f"h3. Kettle\n{BEFORE}{{code:bash}}\n{SHOWN}{{code}}{AFTER}",
    "Jira's noformat": f"{BEFORE}{{noformat}}{SHOWN}{{noformat}}{AFTER}",
    "a panel": f"{BEFORE}{{panel:title=pods}}\n{SHOWN}{{panel}}{AFTER}",
    "a forum": f"{BEFORE}[code]\n{SHOWN}[/code]{AFTER}",
    "AsciiDoc": f"== Kettle\n\n{BEFORE}[source,console]\n----\n{SHOWN}----{AFTER}",
    "Org": f"* Kettle\n{BEFORE}#+BEGIN_SRC sh\n{SHOWN}#+END_SRC{AFTER}",
    "single marks": f"{BEFORE}`\n{SHOWN}`{AFTER}",
    "marks at both ends": f"{BEFORE}`{SHOWN.rstrip()}`{AFTER}",
    "quotation marks": BEFORE + '"' + SHOWN.removeprefix("$ ").rstrip() + '"' + AFTER,
    "a chat's log": "<mo> our kettle boils over\n" + behind("<mo> ") + "<al> oh dear\n",
    "numbered lines": BEFORE + "".join(f"{n:4}  {line}\n" for n, line in enumerate(SHOWN.splitlines(), 1)) + AFTER,
    "spaces of a page": (BEFORE + SHOWN + AFTER).replace(" ", "\u00a0"),
    "a fence that closes behind a line": BEFORE + "```\n" + SHOWN.rstrip() + "```" + AFTER,
    "other line ends": (BEFORE + behind("> ") + AFTER).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("text", MARKED.values(), ids=MARKED)
def test_what_was_shown_is_read_whatever_is_around_it(text: str) -> None:
    found = read_bytes(text.encode(), "mail")
    (pod,) = found.all(Pod)
    (status,) = pod.status.container_statuses
    assert (pod.namespace, pod.name, status.restart_count) == ("tea", "kettle-0", 7)
    assert status.last_state.terminated is not None
    assert status.last_state.terminated.reason == "OOMKilled"
    assert [event.reason for event in found.all(Event)] == ["BackOff"]


@pytest.mark.parametrize(
    "text",
    [
        "* Connected to tea (10.0.0.1) port 80\n> GET / HTTP/1.1\n> Host: tea\n>\n< HTTP/1.1 503 Service Unavailable\n",
        "kubectl apply -f - <<EOF\n> kind: Pod\n> apiVersion: v1\n> EOF\n",
        "$ helm install tea \\\n> --set a=b \\\n> --wait\n",
        "> kubectl get pods\nNAME   READY   STATUS    RESTARTS   AGE\nt-0    1/1     Running   0          3m\n",
        "REVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n3         <none>\n4         <none>\n5         <none>\n",
        "a `name` and\n`another`\n",
        "one {code} alone\n",
        "```\n<pre>\nupstream down\n</pre>\n```\n",
    ],
)
def test_what_only_looks_like_such_marks_stays(text: str) -> None:
    assert unmarked(text) == text


PROMPTS = [
    *("#", "$", ">", "| ", "!", "In [12]: !", "$> ", "\u2514\u2500$ ", "\U0001f680 ", "\u2388 prod/tea ~ \u276f "),
    *("\u256d\u2500mo@box ~\n\u2570\u2500$ ", "@mo \u279c /workspaces/tea (main) $ ", "root@m1 \u279c  ~ "),
    *("base) Mos-Air:tea mo$ ", "$ export KUBECONFIG=tea.conf; ", "(\u2388|prod:tea)\u279c  ~ "),
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_command_is_known_behind_any_prompt(prompt: str) -> None:
    text = f"{BEFORE}{prompt}kubectl logs kettle-0 -n tea\nboot\nENOSPC: no space left on device\n"
    assert [(log.namespace, log.pod) for log in read_bytes(text.encode(), "mail").logs] == [("tea", "kettle-0")]


MANIFEST = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kettle-0\n  namespace: tea\nstatus:\n  phase: Failed\n"


@pytest.mark.parametrize(
    "text",
    [
        BEFORE + MANIFEST + AFTER,
        f"{BEFORE}$ kubectl get pod kettle-0 -n tea -o yaml\n{MANIFEST}{AFTER}",
        f"{BEFORE}```yaml\n{MANIFEST}```{AFTER}",
        f"{BEFORE}    {MANIFEST}{AFTER}".replace("\n", "\n    "),
        f'{BEFORE}$ kubectl get pod kettle-0 -n tea -o json\n{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "kettle-0", "namespace": "tea"}}, "status": {{"phase": "Failed"}}}}{AFTER}',
    ],
)
def test_a_manifest_among_words_is_read(text: str) -> None:
    found = read_bytes(text.encode(), "mail")
    assert [(pod.namespace, pod.name, pod.status.phase) for pod in found.all(Pod)] == [("tea", "kettle-0", "Failed")]
    assert not found.unread


def test_a_manifest_with_a_fault_is_no_text_with_a_manifest() -> None:
    with pytest.raises(SourceError, match="line 7"):
        read_bytes(MANIFEST.replace("status:\n", "status\n").encode(), "pod.yaml")


def test_a_log_that_begins_with_a_bracket_is_no_json() -> None:
    text = "$ kubectl logs kettle-0\n[2026-03-02 10:00:00,1] WARN kettle-0: cold\n"
    found = read_bytes(text.encode(), "mail")
    assert [log.pod for log in found.logs] == ["kettle-0"]
    assert not read_bytes(f"Its words:\n```\n{text.partition(chr(10))[2]}```\n".encode(), "mail").unread


def test_quotation_marks_of_an_editor_are_plain_ones() -> None:
    text = (
        BEFORE
        + "\u2018pods is forbidden: User \u201csystem:serviceaccount:tea:mo\u201d cannot list resource \u201cpods\u201d\u2019"
        + AFTER
    )
    (log,) = read_bytes(text.encode(), "mail").logs
    assert 'User "system:serviceaccount:tea:mo" cannot list' in log.text


def test_a_stressed_line_is_what_it_says() -> None:
    text = f"{BEFORE}_1:M 30 Aug 10:09:52.834 # cannot open the file_\n**Output:** none\n__init__\n* a point\n{AFTER}"
    assert "\n1:M 30 Aug 10:09:52.834 # cannot open the file\n**Output:** none\n__init__\n* a point\n" in unmarked(text)


def test_a_log_of_nobody_is_from_where_all_else_is() -> None:
    table = "$ kubectl get pods -n tea\nNAME    READY   STATUS             RESTARTS   AGE\npot-0   0/1     CrashLoopBackOff   2          9m\ncup-0   0/1     CrashLoopBackOff   2          9m\n"
    (log,) = read_bytes(f"{BEFORE}```\n2026-03-02 10:00:01 ERROR no water\n```\n{table}".encode(), "mail").logs
    assert log.namespace == "tea"
