"""What other linters find before a plan and after it, on manifests as charts render them."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from seakeep.catalog.loader import causes, hardenings
from seakeep.testing.engines import is_required, missing
from seakeep.testing.linters import checkov, kube_score
from tests.engines.linters.excuses import Left
from tests.engines.linters.mended import Mended, mend
from tests.engines.linters.programs import Failure, Name, Object, by_checkov, by_kube_score
from tests.engines.linters.table import CHECKOV, KUBE_SCORE, Check, differences

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SETS = [*sorted((HERE / "sets").glob("*.yaml")), ROOT / "examples/254carbon/manifests", Path("pairs.yaml")]
PAGE = ROOT / "docs" / "explanation" / "linters.md"
Linter = Callable[[Sequence[Object]], tuple[Failure, ...]]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Mended]:
    """Each set is planned once."""

    @functools.cache
    def planned(source: Path) -> Mended:
        folder = tmp_path_factory.mktemp("set")
        if not source.is_absolute():
            source = folder / source
            _pairs(source)
        return mend(source, folder / "out")

    return planned


def _pairs(path: Path) -> None:
    """Those of the benchmark."""
    spec = importlib.util.spec_from_file_location("pairs", ROOT / "benchmarks" / "pairs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(path, 10, 2)


def _kube_score() -> Linter:
    program = kube_score(build=is_required("kube-score"))
    if program is None:
        missing("kube-score", "it is not in the cache, or there is no Go to build it with")
    return functools.partial(by_kube_score, program)


def _checkov(folder: Path) -> Linter:
    packages = checkov(build=is_required("checkov"))
    if packages is None:
        missing("checkov", "it is not in the cache")
    return lambda objects: by_checkov(packages, objects, folder)


@pytest.mark.long
@pytest.mark.engine("kube-score")
@pytest.mark.parametrize("source", SETS, ids=lambda path: path.stem)
def test_kube_score_finds_nothing_that_we_cover(source: Path, mended: Callable[[Path], Mended]) -> None:
    _holds(KUBE_SCORE, _kube_score(), mended(source))


@pytest.mark.long
@pytest.mark.engine("checkov")
@pytest.mark.parametrize("source", SETS, ids=lambda path: path.stem)
def test_checkov_finds_nothing_that_we_cover(source: Path, mended: Callable[[Path], Mended], tmp_path: Path) -> None:
    _holds(CHECKOV, _checkov(tmp_path), mended(source))


def _holds(table: Mapping[str, Check], linter: Linter, mended: Mended) -> None:
    """No failure that the plan brings in; and none that it leaves without asking, or without the reason for which we differ."""
    before, after = linter(mended.before), linter(list(mended.after.values()))
    assert {item.check for item in (*before, *after)} <= set(table), "a check that the table does not know"
    old = {item.key for item in before}
    left = [item for item in after if not _is_excused(table[item.check], item, mended)]
    assert [item for item in left if item.key not in old] == [], "failures that the plan brings in"
    assert [item for item in left if not _is_asked(table[item.check], item, mended)] == [], "neither mended nor asked"
    assert {item.key for item in left} < old, "it mends none"


def _is_excused(check: Check, item: Failure, mended: Mended) -> bool:
    found = _named(item.of, mended)
    return check.unless is not None and found is not None and check.unless(Left(item, found, mended))


def _named(name: Name, mended: Mended) -> Object | None:
    """Checkov puts what lies in no namespace into default."""
    kind, _, short = name
    return mended.after.get(name) or mended.after.get((kind, "", short))


def _is_asked(check: Check, item: Failure, mended: Mended) -> bool:
    """About the object, its namespace, or the account that has the role."""
    return any(of in mended.open for of in _asked_about(check, item, mended))


def _asked_about(check: Check, item: Failure, mended: Mended) -> Iterator[tuple[str, Name]]:
    kind, space, name = item.of
    for rule in check.rules:
        yield rule, item.of
        yield rule, (kind, "", name)
        yield rule, ("Namespace", "", space)
    if kind in {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}:
        yield from (each for each in mended.open if each[0] in check.rules and each[1][0] == "ServiceAccount")


@pytest.mark.parametrize("table", [KUBE_SCORE, CHECKOV], ids=["kube-score", "checkov"])
def test_the_table_names_rules_that_are_there_and_says_why_we_differ(table: Mapping[str, Check]) -> None:
    known = {leaf.id for leaf in hardenings()} | {leaf.id for leaf in causes()}
    for name, check in table.items():
        assert set(check.rules) <= known, name
        assert check.rules or check.refused or check.unless, name
        assert not check.unless or check.why, name


def test_the_page_says_where_and_why_we_differ() -> None:
    """SEAKEEP_REWRITE=1 writes the rows."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index("|---|---|") + 1
    end = start + next((number for number, line in enumerate(lines[start:]) if not line.startswith("|")), len(lines))
    if os.environ.get("SEAKEEP_REWRITE"):
        PAGE.write_text("\n".join([*lines[:start], *differences(), *lines[end:], ""]), encoding="utf-8")
    else:
        assert lines[start:end] == differences(), "run with SEAKEEP_REWRITE=1"
