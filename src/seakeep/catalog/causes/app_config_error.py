"""Application refuses its configuration.

What: a container ends again and again, and its last log lines name a setting: missing, misspelt, of the wrong form.

Why: an environment variable that is not set, a configuration file with a syntax error, an option of another version.

Bad:
    env: []                        # the application needs DEPLOY_ENV

Good:
    env: [{name: DEPLOY_ENV, value: production}]

Ignore when: never while the service is meant to run.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.crashes import by_workload, crashes
from seakeep.facts.index import Index
from seakeep.facts.logs import Topic, hits
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            if crash.exit_code in {0, 126, 127, 137} or crash.reason in {
                "CreateContainerConfigError",
                "RunContainerError",
            }:
                continue
            told = [hit for hit in hits(index, crash.pod) if not hit.container or hit.container == name]
            # Other troubles in the same last words (no connection, no permission) are causes of their own; the setting must be the newest.
            if not told or told[0].topic is not Topic.SETTING:
                continue
            yield Candidate(
                id="app-config-error",
                object=workload,
                summary=f"container {name} ends because of its configuration: {told[0].line[:160]}",
                evidence=(told[0].evidence, *crash.evidence[:3]),
                affects=tuple(item.pod.ref for item in group),
                repair=Repair(f"Correct the setting that container {name} names in its log."),
                confidence=LIKELY,
            )
            break


CAUSE = CauseLeaf(id="app-config-error", title="Application refuses its configuration", reads=(Pod,), find=find)
