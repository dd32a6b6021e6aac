"""Contract of `catalog/services/<id>.py`: one constant `SERVICE`, named and documented as for causes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """How a platform service is recognised, and what it needs.

    `images` are repository endings without registry and tag (`apache/kafka`); `labels` values of app.kubernetes.io/name, app, k8s-app or chart names;
    `crs` are `group/Kind` of its operator; `ports` its well-known ports by name; `components` map a component to the words in names that show it;
    `needs` are profile ids that it cannot serve without (alternatives joined by `|`);
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
    criticality: str = "normal"
    jvm: bool = False
