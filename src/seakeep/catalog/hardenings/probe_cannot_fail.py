"""A probe that cannot fail.

What: the command of a probe ends well whatever the server answers: curl without --fail, `|| true` or an echo at its end, or nothing but `true`.

Why: the kubelet believes it. A server that answers every request with 500 keeps getting traffic, is not restarted, and every dashboard is green.

Bad:
    readinessProbe: {exec: {command: [curl, -s, "http://localhost:8080/health"]}}

Good:
    readinessProbe: {httpGet: {path: /health, port: 8080}}

Ignore when: any answer at all, errors included, is a sign of life.
"""

from __future__ import annotations

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import probes_of
from seakeep.facts.probes.toothless_probes import cannot_fail
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.change import Advice
from seakeep.model.finding import Finding


def _answer(_: Index, entry: Judged) -> Answer:
    """Of probes that run a command; the others ask for an answer by themselves."""
    asked = [
        (f"the {kind} probe of {container.name}", cannot_fail(probe))
        for container in entry.spec.containers
        for kind, probe in probes_of(container)
        if probe.exec and probe.exec.command
    ]
    if not asked:
        return None
    return "; ".join(f"{which} {why}" for which, why in asked if why) or HOLDS


def propose(_: Index, finding: Finding) -> Advice:
    """Whether an error is an answer that counts, only its author knows."""
    ref = finding.object
    return Advice(
        f"What does {ref} answer while it is well, so that its probe can ask for that ({finding.detail})?",
        f"kubectl get {typed(ref)} -o yaml",
    )


HARDENING = template_rule(
    "probe-cannot-fail",
    "Probe that cannot fail",
    _answer,
    alone=True,
    lasting=True,
    needs="seen",
    written=True,
    unseen="its containers",
    path="spec.template.spec.containers[]",
    repair="Ask by httpGet, or let the command's own end say how it went (curl --fail).",
    propose=propose,
)
