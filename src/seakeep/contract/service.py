"""Contract of `catalog/services/<id>.py`: one constant `SERVICE`, named and documented as for causes; its page ends with `IGNORE_WHEN` where it has no such section of its own."""

from __future__ import annotations

from msgspec import Struct

from seakeep.model.traits import Health

IGNORE_WHEN = "Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml."


class ServiceProfile(Struct, frozen=True):
    """How a platform service is recognised, and what it needs.

    `images` are repository endings without registry and tag (`apache/kafka`); `labels` values of app.kubernetes.io/name, app, k8s-app or chart names;
    `crs` are `group/Kind` of its operator; `components` map a component to the words in names that show it;
    `needs_ready` says how many ready pods a component needs to serve, by pairs of component ("" for all others) and rule: `one` (the default), `quorum` (more than
    half), `in-sync` (all but one of three or more: replication factor 3, two in sync) or `all`;
    `readiness` and `liveness` say by pairs of component ("" for all others) how to ask it (None: that component is not to be asked); `stops_within` what an orderly stop
    takes, in seconds, and `pre_stop` the command that begins it where SIGTERM does not; `scalable` names whether a second replica makes a component more available with
    nothing else changed; `holds` is `data` where what it holds is there once, `cache` where it can be made anew, "" where it holds nothing or that is not known;
    `criticality` is critical, high, normal or low, the default where `platform.yaml` is silent.
    """

    id: str
    title: str
    images: tuple[str, ...]
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    crs: tuple[str, ...] = ()
    components: tuple[tuple[str, tuple[str, ...]], ...] = ()
    needs_ready: tuple[tuple[str, str], ...] = ()
    readiness: tuple[tuple[str, Health | None], ...] = ()
    liveness: tuple[tuple[str, Health | None], ...] = ()
    stops_within: tuple[tuple[str, int], ...] = ()
    pre_stop: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scalable: tuple[tuple[str, bool], ...] = ()
    criticality: str = "normal"
    jvm: bool = False
    holds: str = ""
