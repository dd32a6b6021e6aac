"""Variables, images, commands and requests of a template put right: by what they were before, or by where an address is meant to lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.masked import holds_secret
from seakeep.facts.routing.address_verdicts import Misaddressed, before_change, offers, right_host
from seakeep.facts.routing.addresses import Address, resolve
from seakeep.facts.workloads.drift import environment_before
from seakeep.facts.workloads.revision_repairs import container_before
from seakeep.facts.workloads.template_repairs import Standing, standing
from seakeep.model.change import Change
from seakeep.model.objects import Container, Service
from seakeep.model.refs import Ref


def readdressed(index: Index, items: Iterable[Misaddressed]) -> Iterator[Change]:
    """Each variable once. What stands in a ConfigMap or a command, or holds what was masked, is left to a person."""
    done = set[tuple[str, str]]()
    for item in items:
        address = item.address
        if address is None or address.path != f"env.{address.name}" or (address.container, address.name) in done:
            continue
        done.add((address.container, address.name))
        found = standing(index, item.consumer, address.container)
        value = _variables(found.container).get(address.name) if found else None
        if found is None or not value or holds_secret(value):
            continue
        better = _restored(index, item, address) or _replaced(value, item)
        if better != value:
            shown = f"{item.host}:{item.port}" if item.port else item.host
            why = f"nothing answers at {shown}{f'; {item.why}' if item.why else ''}"
            yield found.change({"env": [{"name": address.name, "value": better}]}, why)


def _restored(index: Index, item: Misaddressed, address: Address) -> str:
    """The variable's value before it was changed, "" where that led elsewhere or is not known."""
    old = before_change(index, item.consumer, address)
    if old is None or item.meant is None:
        return ""
    service = resolve(index, old[0], item.consumer.namespace).service
    found = index.snapshot.get(Service, item.meant.namespace, item.meant.name)
    if service != item.meant or found is None or (old[1] and found.spec.ports and not offers(found, old[1])):
        return ""
    value = environment_before(index, item.consumer).get(f"{address.container}/{address.name}", "")
    return "" if holds_secret(value) else value


def _replaced(value: str, item: Misaddressed) -> str:
    """The value with the address in it as it should be. Where a port stands beside a new host, it is changed as well if the Service offers another."""
    if item.meant is None:
        return value
    host = right_host(item) if item.what == "host" else item.host
    wanted = re.compile(rf"(?<![\w.-]){re.escape(item.host)}(?P<dot>\.?)(?::(?P<port>\d{{1,5}}))?(?![\w-]|\.\w)")

    def right(match: re.Match[str]) -> str:
        if not match["port"] or not item.meant_port or int(match["port"]) != item.port:
            return f"{host}{match['dot']}" + (f":{match['port']}" if match["port"] else "")
        return f"{host}{match['dot']}:{item.meant_port}"

    return wanted.sub(right, value)


def _variables(container: Container) -> dict[str, str]:
    return {item.name: item.value for item in container.env if item.value_from is None}


def as_before(index: Index, ref: Ref, name: str, said: str) -> Change | None:
    """The variables that were changed or taken away since the revision before, where the container names one of them, or where nothing else was changed."""
    item, old = standing(index, ref, name), container_before(index, ref, name)
    if item is None or old is None:
        return None
    now, before = _variables(item.container), _variables(old)
    sourced = {each.name for each in item.container.env if each.value_from is not None}
    changed = {key: value for key, value in before.items() if now.get(key) != value and key not in sourced}
    named = {key: value for key, value in changed.items() if _names(said, key, now.get(key, ""))}
    spoken_of = any(_names(said, key, "") for key in {**now, **before})
    if not spoken_of and len(changed) == 1 and _alike(item.container, old):
        named = changed
    if not named or any(map(holds_secret, named.values())):
        return None
    told = ", ".join(f"{key} was {value}" for key, value in sorted(named.items()))
    entries = [{"name": key, "value": value} for key, value in sorted(named.items())]
    return item.change({"env": entries}, f"{told} in the revision before, and the container says: {said[:160]}")


def _names(said: str, name: str, value: str) -> bool:
    words = [name, *([value] if len(value) > 3 else [])]
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said) for word in words)


def _alike(one: Container, two: Container) -> bool:
    """But for their variables."""
    return (one.image, one.command, one.args, one.env_from, one.volume_mounts) == (
        two.image,
        two.command,
        two.args,
        two.env_from,
        two.volume_mounts,
    )


def with_image_before(index: Index, ref: Ref, name: str, image: str, trouble: str) -> Change | None:
    """The image that the revision before ran; `trouble` says what is wrong with the one of today. None where the template has another image by now."""
    item, old = standing(index, ref, name), container_before(index, ref, name)
    if item is None or old is None or item.container.image != image or old.image in ("", image):
        return None
    return item.change({"image": old.image}, f"the revision before ran {old.image}, and {image} {trouble}")


def pulled_if_absent(index: Index, ref: Ref, name: str, image: str) -> Change | None:
    item = standing(index, ref, name)
    if item is None or item.container.image_pull_policy != "Never":
        return None
    why = f"{image} is not on the node, and the policy forbids to fetch it"
    return item.change({"imagePullPolicy": "IfNotPresent"}, why)


def requests_before(index: Index, item: Standing, resource: str) -> Any:
    """What the container asked for in the revision before, None where that is not known."""
    old = container_before(index, item.ref, item.container.name)
    return old.resources.requests.get(resource) if old else None
