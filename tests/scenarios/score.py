"""How many faults are diagnosed: by id and culprit object of the first-ranked cause (of so many as there are faults at once), for each view.

`python -m tests.scenarios.score play FOLDER [LETTER …]` plays the faults and records them into FOLDER;
`python -m tests.scenarios.score FOLDER [LETTER …]` diagnoses the recordings, prints the figures and the misses.
"""

from __future__ import annotations

import fnmatch
import sys
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from seakeep.adapters.open import open_source
from seakeep.app.check import diagnose_snapshot
from seakeep.model.confidence import LIKELY
from seakeep.model.platform import Intent
from tests.scenarios.play import SETS, Answer, Fault, faults, play_all

TODAY = date(2026, 11, 25)
VIEWS = ("objects", "broad", "narrow", "cache")


@dataclass(frozen=True)
class Outcome:
    fault: Fault
    view: str
    right: bool
    answer: str
    """The ranked causes; the error where there was one."""
    crashed: bool = False


def judge(fault: Fault, view: str, path: Path) -> Outcome:
    """Diagnose one recording as a user would."""
    try:
        causes = diagnose_snapshot(open_source(str(path)), Intent(), TODAY).causes
    except Exception:  # noqa: BLE001 - a crash is an outcome to count
        return Outcome(fault, view, False, traceback.format_exc(limit=-3), crashed=True)
    found = [cause.candidate for cause in causes]
    answers = [(each.id, f"{each.object.kind}/{each.object.name}", each.confidence) for each in found]
    text = "; ".join(f"{cause} {culprit} {confidence}" for cause, culprit, confidence in answers[:4]) or "nothing"
    may, victims = fault.spec.get("may", ""), set(fault.spec.get("victims", ()))
    if not fault.roots:
        return Outcome(fault, view, not [answer for answer in answers if answer[0] != may], text)
    first, rest = answers[: len(fault.roots)], answers[len(fault.roots) :]
    found_all = all(any(_is_right(answer, root) for answer in first) for root in fault.roots)
    # What a root took down with it is no cause of its own.
    victims -= {culprit for _, culprit, _ in first}
    doubled = any(culprit in victims and sure >= LIKELY for _, culprit, sure in rest)
    return Outcome(fault, view, found_all and not doubled, text)


def _is_right(answer: tuple[str, str, float], root: Iterable[Answer]) -> bool:
    return any(
        answer[0] == cause and any(fnmatch.fnmatchcase(answer[1], each) for each in objects) for cause, objects in root
    )


def judge_all(folder: Path, chosen: Iterable[Fault]) -> list[Outcome]:
    found = []
    for fault in chosen:
        for view in VIEWS:
            if (path := _file(folder, fault, view)).exists():
                found.append(judge(fault, view, path))
    return found


def _file(folder: Path, fault: Fault, view: str) -> Path:
    return folder / f"{fault.namespace}.{view}.{'json' if view in {'objects', 'cache'} else 'txt'}"


def save(folder: Path, chosen: Iterable[Fault], views: Mapping[str, Mapping[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for fault in chosen:
        for view, text in views.get(fault.namespace, {}).items():
            _file(folder, fault, view).write_text(text, encoding="utf-8")


def summary(outcomes: Iterable[Outcome]) -> str:
    """Figures per view, then each miss."""
    outcomes = list(outcomes)
    lines = []
    for view in VIEWS:
        seen = [each for each in outcomes if each.view == view]
        right = sum(each.right for each in seen)
        lines.append(f"{view:8} {right:4} of {len(seen):4} = {100 * right / max(len(seen), 1):5.1f} %")
    right = sum(each.right for each in outcomes)
    lines.append(f"{'all':8} {right:4} of {len(outcomes):4} = {100 * right / max(len(outcomes), 1):5.1f} %")
    for each in outcomes:
        if not each.right:
            wanted = each.fault.spec["expect"]
            lines.append(
                f"MISS {each.fault.namespace} {each.view}: {each.fault.name}\n    wanted {wanted}\n    got    {each.answer}"
            )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    playing = arguments[0] == "play"
    folder, letters = Path(arguments[playing]), arguments[playing + 1 :]
    chosen = faults(["" if each == "first" else each for each in letters] or SETS)
    if playing:
        wanted = [fault for fault in chosen if not _file(folder, fault, "cache").exists()]
        with tempfile.TemporaryDirectory() as place:
            _play(folder, wanted, Path(place))
    outcomes = judge_all(folder, chosen)
    print(summary(outcomes))
    return 0


def _play(folder: Path, wanted: list[Fault], place: Path, batch: int = 18) -> None:
    """Round by round, so that what has been recorded stays when a later round fails."""
    shared = [fault for fault in wanted if not fault.alone]
    rounds = [shared[at : at + batch] for at in range(0, len(shared), batch)] + [[f] for f in wanted if f.alone]
    for number, each in enumerate(rounds):
        print(f"round {number + 1} of {len(rounds)}: {len(each)} faults", file=sys.stderr, flush=True)
        try:
            save(folder, each, play_all(place / str(number), each, batch))
        except Exception:  # noqa: BLE001 - the other rounds go on
            traceback.print_exc()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
