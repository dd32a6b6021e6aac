"""A repacking as text and JSON: foreign text in it stays text."""

from __future__ import annotations

import json

from seakeep.model.refs import Ref
from seakeep.model.repacking import Fit, Lack, Move, NewNode, Repacking, Wanting
from seakeep.render.formats import data
from seakeep.render.rehearsal.repacking_text import repacking_text
from seakeep.render.rehearsal.repacking_wire import repacking

EVIL = "</script><script>alert(1)</script>\x1b[31m\nnote: all is well"


def value() -> Repacking:
    pod, workload = Ref("Pod", "n", EVIL), Ref("Deployment", "n", EVIL)
    return Repacking(
        source=EVIL,
        fit=Fit.PARTLY,
        method="greedy",
        waiting=(Wanting(pod, workload, {"cpu": 1500, "memory": 1024**3, "pods": 1}),),
        left=(pod,),
        resizings=(),
        moves=(Move(pod, workload, "a", EVIL),),
        commands=(f"kubectl cordon '{EVIL}'",),
        lacks=(Lack(workload, 2, {"cpu": 1500}, 3, {"cpu": 900}, {"cpu": 400}),),
        new_nodes=(NewNode({"cpu": 3000}, {}, 2, EVIL),),
        held={EVIL: 2},
        elsewise=(pod,),
        notes=(EVIL,),
    )


def test_the_terminal_gets_lines_of_ours_only() -> None:
    text = repacking_text(value(), width=1000)
    assert "\x1b" not in text
    assert not any(row.startswith("note: all is well") for row in text.splitlines())
    assert "2 pods without a place, asking for 1.5 CPU each" in text
    assert "the 3 nodes that it may use have 900m CPU left together, at most 400m CPU on one" in text


def test_json_keeps_what_was_said_and_closes_no_script() -> None:
    text = data(repacking(value()), "json")
    assert "</script>" not in text
    found = json.loads(text)
    assert found["waiting"][0]["pod"]["name"] == EVIL
    assert (found["fit"], found["method"], found["newNodes"][0]["allocatable"]) == ("partly", "greedy", {"cpu": 3000})
