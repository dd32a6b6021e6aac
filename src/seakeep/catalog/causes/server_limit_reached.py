"""A server's own limit is reached.

What: a database, cache or search engine is ready and refuses its callers: "sorry, too many clients already", "OOM command not allowed when used memory > 'maxmemory'", "maximum shards open".

Why: more replicas or larger pools than the server was set up for, keys without an expiry, an index per day and none deleted.

Bad:
    args: [redis-server, --maxmemory, 64mb, --maxmemory-policy, noeviction]     # as a cache

Good:
    args: [redis-server, --maxmemory, 1gb, --maxmemory-policy, allkeys-lru]

Ignore when: never while callers are refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.calls.own_limits import at_limit
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in at_limit(index):
        server = f"{item.server.kind} {item.server.name}"
        users = ", ".join(f"{ref.kind} {ref.name}" for ref in item.users[:3])
        yield Candidate(
            id="server-limit-reached",
            object=item.server,
            summary=f"{server} refuses {users or 'its callers'}: its limit {item.limit.setting} is reached",
            evidence=item.evidence,
            affects=(*item.users, *sorted({proof.object for proof in item.evidence})),
            repair=Repair(f"Raise {item.limit.setting} of {server}, {item.limit.repair}."),
            confidence=LIKELY,
        )


CAUSE = CauseLeaf(id="server-limit-reached", title="A server's own limit is reached", reads=(Pod,), find=find)
