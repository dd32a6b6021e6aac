"""Members of a StatefulSet that manifests call by a Service which is not the one that names them: `db-0.databse` for `db-0.database`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import near
from seakeep.facts.routing.addresses import environment_of, mounted_configs
from seakeep.facts.workloads.planned import planned
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import Service, StatefulSet
from seakeep.model.refs import Ref

# An ordinal, or what a shell makes one of.
_ORDINAL = r"(?:\d{1,3}|\$\{?\w+\}?|\$\(\([^()\n]{1,40}\)\))"


class Misnamed(Struct, frozen=True):
    """`name` is a member's as `caller` writes it, `wrong` the Service in it, `right` the one that gives the set `members` its names."""

    caller: Ref
    at: Ref
    path: str
    name: str
    wrong: str
    right: str
    members: StatefulSet


def misnamed_members(index: Index) -> Iterator[Misnamed]:
    """Once per caller and set."""
    for members in index.snapshot.all(StatefulSet) if index.snapshot.intent_only else ():
        space, right = members.namespace, members.spec.service_name
        if not right or index.snapshot.get(Service, space, right) is None:
            continue
        form = re.compile(rf"(?<![\w.-]){re.escape(members.name)}-{_ORDINAL}\.(?P<service>[a-z][a-z0-9-]*[a-z0-9])")
        for caller in planned(index):
            if caller.ref.namespace != space:
                continue
            for at, path, text in _texts(index, caller):
                wrong = next(
                    (hit for hit in form.finditer(text) if _is_wrong(index, space, hit["service"], right)), None
                )
                if wrong:
                    yield Misnamed(caller.ref, at, path, wrong[0], wrong["service"], right, members)
                    break


def _is_wrong(index: Index, space: str, name: str, right: str) -> bool:
    return name != right and near(name, right) and index.snapshot.get(Service, space, name) is None


def _texts(index: Index, template: Template) -> Iterator[tuple[Ref, str, str]]:
    for item in containers(template.spec):
        yield (
            template.item.ref,
            f"{template.path}.containers[{item.name}].command",
            " ".join((*item.command, *item.args)),
        )
        for value, at, path in environment_of(index, template.ref.namespace, template.item.ref, item).values():
            yield at, path, value
        for config in mounted_configs(index, template.ref.namespace, template.spec, item):
            yield from ((config.ref, f"data.{key}", text) for key, text in config.data.items())
