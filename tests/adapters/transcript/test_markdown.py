"""Issues and chats: words in Markdown, and what the screen showed in blocks of code."""

from __future__ import annotations

import pytest

from seakeep.adapters.files.read import read_bytes
from seakeep.adapters.transcript.markdown import blocks
from seakeep.adapters.transcript.screen import cleaned
from seakeep.adapters.transcript.split import pairs
from seakeep.model.objects import Event, Pod


def commands(text: str) -> list[str]:
    return [command for command, _ in pairs(text) if command]


def test_words_after_a_block_are_no_output() -> None:
    text = "The pod is down:\n```\n$ kubectl logs web-0\nboot\n```\nWhy is permission denied there?\n"
    assert [body for command, body in pairs(text) if command == "kubectl logs web-0"] == ["boot"]


@pytest.mark.parametrize(
    "text",
    [
        "```\nkubectl get pods\n```\n\n**Output:**\n```\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          4m\n```\n",
        "I ran `kubectl get pods`:\n```\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          4m\n```\n",
        "[me@box ~]# **kubectl get pods**:\n~~~text\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          4m\n~~~\n",
        "```kubectl get pods\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          4m\n```\nThat is all.\n",
        "### kubectl get pods\n```\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          4m\n```\n",
    ],
)
def test_a_block_is_what_the_command_before_it_printed(text: str) -> None:
    assert [command for command, body in pairs(cleaned(text)) if "web-0" in str(body)] == ["kubectl get pods"]
    assert [pod.name for pod in read_bytes(text.encode(), "issue").all(Pod)] == ["web-0"]


def test_a_block_of_its_own_is_no_output_of_a_command_that_has_some() -> None:
    text = "```\n$ kubectl version\nServer Version: v1.31.2\n```\nIts log:\n```\nE0310 09:41:02.1 main.go:7] cannot bind\n```\n"
    assert commands(text) == ["kubectl version", "kubectl logs"]


def test_source_text_is_nothing_that_a_cluster_printed() -> None:
    text = 'Our client:\n```python\nraise OSError("permission denied: /data")\n```\n```\n$ kubectl get pods\nNo resources found in default namespace.\n```\n'
    assert not read_bytes(text.encode(), "issue").logs


def test_code_among_words_is_what_the_screen_showed() -> None:
    text = "The pod says `/opt/run.sh: line 3: /data/lock: Permission denied` only.\n```\n$ kubectl get pods\nNAME    READY   STATUS             RESTARTS   AGE\nweb-0   0/1     CrashLoopBackOff   4          6m\n```\n"
    assert [(log.pod, log.text) for log in read_bytes(text.encode(), "issue").logs] == [
        ("web-0", "/opt/run.sh: line 3: /data/lock: Permission denied")
    ]


def test_lines_in_backticks_are_rows() -> None:
    text = "It hangs:\n`Events:`\n`  Warning  FailedScheduling  14s (x3 over 10m)  default-scheduler  0/3 nodes are available: 3 Insufficient cpu.`\n"
    assert [event.reason for event in read_bytes(text.encode(), "issue").all(Event)] == ["FailedScheduling"]


def test_a_session_that_begins_with_a_command_is_no_markdown() -> None:
    text = "$ kubectl logs llm-0\nanswer:\n```\nprint(1)\n```\n2026-03-02 10:00:01 ERROR cannot open the ledger\n"
    assert "cannot open the ledger" in read_bytes(text.encode(), "session").logs[0].text


def test_text_that_a_manifest_holds_is_no_block() -> None:
    text = "Our notes:\n\n$ kubectl get cm notes -o yaml\napiVersion: v1\ndata:\n  a.md: |\n    ```\n    $ kubectl get pods\n    ```\nkind: ConfigMap\nmetadata:\n  name: notes\n"
    assert [block.code for block in blocks(text.split("\n"))] == [False]


def test_text_without_fences_stays_as_it_is() -> None:
    lines = ["$ kubectl get pods", "# a note", "No resources found"]
    assert [block.lines for block in blocks(lines)] == [lines]


def test_a_block_that_is_cut_off_ends_with_the_text() -> None:
    text = "Help:\n```\n$ kubectl get pods\nNAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0   "
    assert commands(text) == ["kubectl get pods"]


TABLE = "NAME    READY   STATUS    RESTARTS   AGE\nweb-0   0/1     Pending   0          4m"


@pytest.mark.parametrize(
    "text",
    [
        f"```kubectl get pods\n{TABLE}```\nThey hang. Name: nobody\n",
        f"```kubectl apply -f \\\n  web.yaml```\n\nThen:\n\n```\n$ kubectl get pods\n{TABLE}\n```\n",
        f"# kubectl get pods is no help\n\nIt is so:\n```\n{TABLE}\n```\nWhat now?\n",
        f"$ **kubectl get pods**\n{TABLE}\n",
        "```\n  $ kubectl get pods\n" + "\n".join(f"  {line}" for line in TABLE.split("\n")) + "\n```\n",
    ],
)
def test_the_pod_is_read_however_the_block_is_marked(text: str) -> None:
    assert [pod.name for pod in read_bytes(text.encode(), "issue").all(Pod)] == ["web-0"]


def test_words_behind_a_block_that_closes_behind_its_last_line_are_no_output() -> None:
    text = "```\n$ kubectl logs web-0\nboot```\nWhy is permission denied there?\n"
    assert [body for command, body in pairs(cleaned(text)) if command == "kubectl logs web-0"] == ["boot"]


def test_a_fence_within_a_manifest_closes_nothing() -> None:
    text = (
        "```yaml\nkind: ConfigMap\nmetadata:\n  name: notes\ndata:\n  a.md: |\n    ```\n    x\n    ```\n  b: c\n```\n"
    )
    assert len([block for block in blocks(text.split("\n")) if block.code]) == 1


def test_a_line_that_begins_with_a_command_among_words_is_no_command() -> None:
    text = (
        '`kubectl describe pod`では`Error: secret "web-key" not found`が出る。\n```\n$ kubectl get pods\n'
        + TABLE
        + "\n```\n"
    )
    assert [event.text for event in read_bytes(text.encode(), "issue").all(Event)] == [
        'Error: secret "web-key" not found'
    ]
