"""Names and labels in the form that the API server takes. Source: apimachinery `util/validation`, `api/validate/content`, `api/validation` (ValidateObjectMeta), pkg/apis/core/validation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from seakeep.model.objects import KubeObject

_ALNUM = "must start and end with an alphanumeric character"
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
# Names of these kinds become labels of DNS names; those of all others are subdomains.
_NAMED_BY_LABEL = frozenset({"Namespace", "Service", "StatefulSet"})
_MOST_OF_LABEL, _MOST_OF_SUBDOMAIN, _MOST_OF_PORT_NAME = 63, 253, 15
# ClusterRoles and the like have names of other forms.
_CHECKED = frozenset(
    {"ConfigMap", "CronJob", "DaemonSet", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job", "LimitRange", "NetworkPolicy"}
    | {"PersistentVolumeClaim", "Pod", "PodDisruptionBudget", "ReplicaSet", "ResourceQuota", "Secret", "ServiceAccount"}
    | _NAMED_BY_LABEL
)  # fmt: skip


def metadata(item: KubeObject) -> Iterator[str]:
    """Of an object that somebody makes."""
    if item.kind not in _CHECKED or not item.name:
        return
    words = label if item.kind in _NAMED_BY_LABEL else subdomain
    for word in words(item.name):
        yield wrong("metadata.name", item.name, word)
    yield from labels(item.labels, "metadata.labels")


def labels(own: Mapping[str, str], path: str) -> Iterator[str]:
    for key, value in sorted(own.items()):
        yield from (wrong(path, key, word) for word in label_key(key))
        yield from (wrong(path, value, word) for word in label_value(value))


def label(name: str) -> Iterator[str]:
    """What is wrong with it as a DNS label."""
    if len(name) > _MOST_OF_LABEL:
        yield _long(_MOST_OF_LABEL)
    if re.fullmatch(_LABEL, name):
        return
    if re.fullmatch(_SUBDOMAIN, name):
        yield "must not contain dots"
    else:
        text = f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and {_ALNUM}"
        yield by(text, _LABEL, "my-name", "123-abc")


def subdomain(name: str) -> Iterator[str]:
    if len(name) > _MOST_OF_SUBDOMAIN:
        yield _long(_MOST_OF_SUBDOMAIN)
    if not re.fullmatch(_SUBDOMAIN, name):
        text = f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and {_ALNUM}"
        yield by(text, _SUBDOMAIN, "example.com")


def label_value(value: str) -> Iterator[str]:
    if len(value) > _MOST_OF_LABEL:
        yield _long(_MOST_OF_LABEL, "bytes")
    if not re.fullmatch(_VALUE, value):
        text = f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and {_ALNUM}"
        yield by(text, _VALUE, "MyValue", "my_value", "12345")


def label_key(key: str) -> Iterator[str]:
    prefix, slash, name = key.rpartition("/")
    text = f"must consist of alphanumeric characters, '-', '_' or '.', and {_ALNUM}"
    shape = by(text, _KEY, "MyName", "my.name", "123-abc")
    if "/" in prefix:
        yield f"a valid label key {shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return
    if slash:
        yield from (f"prefix part {word}" for word in (subdomain(prefix) if prefix else ("must be non-empty",)))
    if not name:
        yield "name part must be non-empty"
    elif len(name) > _MOST_OF_LABEL:
        yield f"name part {_long(_MOST_OF_LABEL, 'bytes')}"
    if not re.fullmatch(_KEY, name):
        yield f"name part {shape}"


def config_key(key: str) -> Iterator[str]:
    """Of a ConfigMap or Secret."""
    if len(key) > _MOST_OF_SUBDOMAIN:
        yield _long(_MOST_OF_SUBDOMAIN)
    if not re.fullmatch(_CONFIG_KEY, key):
        text = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        yield by(text, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name")
    if key in {".", ".."}:
        yield f"must not be '{key}'"
    elif key.startswith(".."):
        yield "must not start with '..'"


def path_segment(name: str) -> Iterator[str]:
    """Of what becomes a part of an address."""
    if name in {".", ".."}:
        yield f"may not be '{name}'"
    else:
        yield from (f"may not contain '{sign}'" for sign in "/%" if sign in name)


def port_name(name: str) -> Iterator[str]:
    if len(name) > _MOST_OF_PORT_NAME:
        yield _long(_MOST_OF_PORT_NAME)
    if not re.fullmatch("[-a-z0-9]+", name):
        yield "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if not re.search("[a-z]", name):
        yield "must contain at least one letter (a-z)"
    if "--" in name:
        yield "must not contain consecutive hyphens"
    if name.startswith("-") or name.endswith("-"):
        yield "must not begin or end with a hyphen"


def wrong(path: str, value: str, word: str) -> str:
    return f"{path}: Invalid value: {json.dumps(value, ensure_ascii=False)}: {word}"


def _long(most: int, unit: str = "characters") -> str:
    """Of labels it says bytes."""
    return f"must be no more than {most} {unit}"


def by(text: str, expression: str, *examples: str) -> str:
    # As the API server puts it, comma and all.
    shown = " or ".join(f"'{each}', " for each in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{expression}')"
