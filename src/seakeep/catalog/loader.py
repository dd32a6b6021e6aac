"""Loads every leaf of a catalog folder, and of installed packages that register more by entry points."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import TypeVar

from seakeep.catalog import entries
from seakeep.contract.cause import CauseLeaf
from seakeep.contract.hardening import HardeningLeaf
from seakeep.contract.service import IGNORE_WHEN, ServiceProfile

Leaf = TypeVar("Leaf", CauseLeaf, HardeningLeaf, ServiceProfile)


class CatalogError(Exception):
    """A leaf is missing, mistyped, misnamed or there twice; the message names the file."""


@cache
def causes() -> tuple[CauseLeaf, ...]:
    return _load("causes", "CAUSE", CauseLeaf)


@cache
def hardenings() -> tuple[HardeningLeaf, ...]:
    return _load("hardenings", "HARDENING", HardeningLeaf)


@cache
def services() -> tuple[ServiceProfile, ...]:
    return _load("services", "SERVICE", ServiceProfile)


def page(leaf_id: str) -> str | None:
    """The docstring of the leaf with this id, or None."""
    for folder in ("causes", "hardenings", "services"):
        name = f"seakeep.catalog.{folder}.{leaf_id.replace('-', '_')}"
        try:
            text = importlib.import_module(name).__doc__
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
        else:
            whole = text is None or folder != "services" or "\nIgnore when: " in text
            return text if whole else f"{text}\n{IGNORE_WHEN}\n"
    return None


def _load(folder: str, constant: str, leaf_type: type[Leaf]) -> tuple[Leaf, ...]:
    package = importlib.import_module(f"seakeep.catalog.{folder}")
    leaves: dict[str, Leaf] = {}
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    modules += [_third_party(value, module) for value, module in entries.registered(folder)]
    for module in modules:
        leaf = getattr(module, constant, None)
        if not isinstance(leaf, leaf_type):
            raise CatalogError(f"{module.__name__} exports no {constant} of type {leaf_type.__name__}")
        if leaf.id.replace("-", "_") != module.__name__.rpartition(".")[2]:
            raise CatalogError(f"{module.__name__} holds the id {leaf.id}, which is not its file's name")
        if leaf.id in leaves:
            raise CatalogError(f"two leaves have the id {leaf.id}")
        leaves[leaf.id] = leaf
    return tuple(leaves[key] for key in sorted(leaves))


def _third_party(value: str, module: object) -> ModuleType:
    if not isinstance(module, ModuleType):
        raise CatalogError(f"entry point {value} names no module")
    return module
