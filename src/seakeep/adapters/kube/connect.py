"""Which cluster, and as whom: a kubeconfig's context, or the service account of the pod that this runs in.

The official client reads the kubeconfig and runs its plug-ins; what it forgives (a plug-in that fails, a user that is not there) and then goes on anonymously, is an error here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config
from kubernetes.config.config_exception import ConfigException

from seakeep.adapters import redact
from seakeep.adapters.errors import ObservationError, SourceError, UsageError
from seakeep.adapters.files.full_yaml import fully
from seakeep.adapters.files.limits import LIMITS

_DEFAULT = "~/.kube/config"
_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_CREDENTIALS = (
    "token",
    "tokenFile",
    "exec",
    "auth-provider",
    "username",
    "client-certificate",
    "client-certificate-data",
)
_UNREADABLE = (ConfigException, OSError, TypeError, ValueError, KeyError, AttributeError, yaml.YAMLError)


@dataclass(frozen=True, slots=True)
class Connection:
    """`name` is the context's, `namespace` its own ("" where it names none)."""

    configuration: client.Configuration
    name: str
    namespace: str


def connect(context: str | None, kubeconfig: Path | None) -> Connection:
    """Raises UsageError where no cluster is named or the kubeconfig cannot be used, ObservationError where its plug-in fails."""
    files = _files(kubeconfig)
    if not files:
        if context:
            raise UsageError(
                f"there is no kubeconfig with a context {context!r}", "Set KUBECONFIG, or use --kubeconfig."
            )
        return _in_cluster()
    try:
        documents = [_document(file) for file in files]
    except SourceError as error:
        raise UsageError("the kubeconfig cannot be read", f"{error} in {_list(files)}.") from error
    except OSError as error:
        raise UsageError("the kubeconfig cannot be read", f"{error.strerror} in {_list(files)}.") from error
    except ValueError as error:  # binary too
        raise UsageError("the kubeconfig cannot be read", f"No kubeconfig stands in {_list(files)}.") from error
    # kubectl's rule, not the official client's: of several files the first one's word counts.
    name = context or next((str(item["current-context"]) for item in documents if item.get("current-context")), "")
    if not name:
        raise UsageError("no context is chosen", f"Use --context: {_known(documents)}.")
    chosen = _named(documents, "contexts", name)
    if chosen is None:
        raise UsageError(f"the kubeconfig has no context {name[:80]!r}", f"It has {_known(documents)}.")
    details = _mapping(chosen.get("context"))
    user = str(details.get("user") or "")
    entry = _named(documents, "users", user) if user else None
    if user and entry is None:
        raise UsageError(f"the kubeconfig has no user {user[:80]!r}, which context {name[:80]!r} names")
    configuration = _configuration()
    with plugin_failures_are_errors():
        try:
            config.load_kube_config(os.pathsep.join(map(str, files)), name, configuration)
        except _UNREADABLE as error:
            raise UsageError(
                "the kubeconfig cannot be used", f"{type(error).__name__} in context {name[:80]!r} of {_list(files)}."
            ) from error
    if entry and any(_mapping(entry.get("user")).get(key) for key in _CREDENTIALS) and not _has_identity(configuration):
        raise ObservationError(
            f"the credentials of context {name[:80]!r} cannot be used",
            "Log in again; Seakeep does not go on without them.",
        )
    return Connection(configuration, name, str(details.get("namespace") or ""))


def _files(kubeconfig: Path | None) -> list[Path]:
    if kubeconfig is not None:
        if not kubeconfig.is_file():
            raise UsageError(f"there is no kubeconfig {str(kubeconfig)[:200]!r}")
        return [kubeconfig]
    listed = (os.environ.get("KUBECONFIG") or _DEFAULT).split(os.pathsep)
    return [path for entry in listed if entry and (path := Path(entry).expanduser()).is_file()]


def _document(file: Path) -> dict[str, Any]:
    # A bomb would be built by the official client, and written out by whatever names a part of it.
    found = next(fully(file.read_text(encoding="utf-8"), 0, LIMITS), None)
    if not isinstance(found, dict):
        raise ValueError("not a kubeconfig")  # noqa: TRY004 - a bad value of a file, not of an argument
    return found


def _named(documents: list[dict[str, Any]], part: str, name: str) -> dict[str, Any] | None:
    entries = (item for document in documents for item in document.get(part) or () if isinstance(item, dict))
    return next((item for item in entries if item.get("name") == name), None)


def _known(documents: list[dict[str, Any]]) -> str:
    entries = [item for document in documents for item in document.get("contexts") or () if isinstance(item, dict)]
    return ", ".join(sorted({str(item.get("name"))[:60] for item in entries})[:12]) or "no contexts"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(files: list[Path]) -> str:
    return ", ".join(str(file)[:120] for file in files[:4])


def _configuration() -> client.Configuration:
    configuration = client.Configuration()
    configuration.retries = False
    return configuration


def _has_identity(configuration: client.Configuration) -> bool:
    return bool(configuration.api_key.get("BearerToken") or configuration.cert_file)


def _in_cluster() -> Connection:
    configuration = _configuration()
    try:
        config.load_incluster_config(configuration)
    except (ConfigException, OSError) as error:
        raise UsageError(
            "there is no cluster: no kubeconfig, and this is no pod of one",
            "Set a kube context (KUBECONFIG or --kubeconfig). What only reads takes a file as well: `seakeep check dump.json`; `seakeep demo` needs neither.",
        ) from error
    try:
        namespace = _POD_NAMESPACE.read_text(encoding="utf-8").strip()
    except OSError:
        namespace = ""
    return Connection(configuration, "of this pod", namespace)


@contextmanager
def plugin_failures_are_errors() -> Iterator[None]:
    """The official client logs a failing credential plug-in and goes on without credentials."""
    caught: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                caught.append(record.getMessage())

    handler = Handler()
    logger = logging.getLogger()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
    if caught:
        told = redact.text(" ".join(caught[0].split()))[:200]
        raise ObservationError(
            "the kubeconfig's credential plug-in failed",
            f"Run the command that the context's `exec` names, and log in again. It said: {told}",
        )
