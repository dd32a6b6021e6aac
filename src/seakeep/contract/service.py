"""Contract of `catalog/services/<id>.py`: one constant `SERVICE`, named and documented as for causes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """How a platform service is recognised, and what it needs.

    `images` are repository endings without registry and tag (`apache/kafka`); `labels` values of app.kubernetes.io/name, app, k8s-app or chart names;
    `crs` are `group/Kind` of its operator; `ports` its well-known ports by name; `components` map a component to the words in names that show it;
    `needs` are profile ids that it cannot serve without (alternatives joined by `|`);
    `needs_ready` says how many ready pods a component needs to serve, by pairs of component ("" for all others) and rule: `one` (the default), `quorum` (more than
    half), `in-sync` (all but one of three or more: replication factor 3, two in sync) or `all`;
    `criticality` is critical, high, normal or low, the default where `platform.yaml` is silent.
    """

    id: str
    title: str
    images: tuple[str, ...]
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    crs: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    components: tuple[tuple[str, tuple[str, ...]], ...] = ()
    needs: tuple[str, ...] = ()
    needs_ready: tuple[tuple[str, str], ...] = ()
    criticality: str = "normal"
    jvm: bool = False
