"""What the server serves, found by asking: kinds, their paths, and whether they live in namespaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from seakeep.adapters.errors import ObservationError
from seakeep.adapters.kube.transport import StatusError, Transport

# One answer for all groups since 1.26; older servers answer with the list of groups, and are asked group by group.
_AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
    "application/json"
)
GroupKind = tuple[str, str]
Refused = Callable[[str, str], None]


class NotKubernetesError(ObservationError):
    """Something else answers."""

    def __init__(self) -> None:
        hint = "Is the address of the context right? A proxy may stand between."
        super().__init__("what answers is no Kubernetes API server", hint)


@dataclass(frozen=True, slots=True)
class Resource:
    """`base` is the path of its group and version (`/apis/apps/v1`), `name` the plural."""

    base: str
    name: str
    group: str
    kind: str
    api_version: str
    namespaced: bool

    def path(self, namespace: str = "") -> str:
        return f"{self.base}/namespaces/{namespace}/{self.name}" if namespace else f"{self.base}/{self.name}"


def discover(transport: Transport, refused: Refused) -> Mapping[GroupKind, Resource]:
    """By group and kind, in the version that the server prefers. `refused` hears of groups whose resources it does not tell.

    Raises ObservationError where it tells of none.
    """
    found: dict[GroupKind, Resource] = {}
    for root in ("/api", "/apis"):
        try:
            answer = msgspec.json.decode(transport.get(root, accept=_AGGREGATED))
            aggregated = answer["kind"] == "APIGroupDiscoveryList"
            resources = _from_groups(answer) if aggregated else _one_by_one(transport, root, answer, refused)
            for item in resources:
                found.setdefault((item.group, item.kind), item)
        except StatusError as error:
            raise ObservationError(
                f"the server does not tell what it serves: {error.reason}",
                "The credentials need the ClusterRole system:discovery, which every signed-in user has by default.",
            ) from error
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
            raise NotKubernetesError from error
    return found


def _from_groups(answer: Mapping[str, Any]) -> Iterator[Resource]:
    for group in answer.get("items") or ():
        name = (group.get("metadata") or {}).get("name") or ""
        for version in group["versions"]:
            api_version = f"{name}/{version['version']}" if name else version["version"]
            for item in version.get("resources") or ():
                kind = (item.get("responseKind") or {}).get("kind")
                if kind and "list" in (item.get("verbs") or ()):
                    yield _resource(name, api_version, item["resource"], kind, item.get("scope") == "Namespaced")


def _one_by_one(transport: Transport, root: str, answer: Mapping[str, Any], refused: Refused) -> Iterator[Resource]:
    versions: Iterable[str]
    if root == "/api":
        versions = answer["versions"]
    else:
        groups = answer["groups"]
        preferred = [group["preferredVersion"]["groupVersion"] for group in groups]
        versions = [*preferred, *(item["groupVersion"] for group in groups for item in group["versions"])]
    for api_version in dict.fromkeys(versions):
        try:
            resources = msgspec.json.decode(transport.get(f"{root}/{api_version}"))["resources"] or ()
        except StatusError as error:
            refused(f"API {api_version}", error.reason)
            continue
        for item in resources:
            if "/" not in item["name"] and "list" in (item.get("verbs") or ()):
                group = api_version.rpartition("/")[0]
                yield _resource(group, api_version, item["name"], item["kind"], bool(item.get("namespaced")))


def _resource(group: str, api_version: str, name: str, kind: str, namespaced: bool) -> Resource:
    return Resource(
        f"/apis/{api_version}" if group else f"/api/{api_version}", name, group, kind, api_version, namespaced
    )
