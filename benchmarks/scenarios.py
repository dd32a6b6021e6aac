"""What is measured. Every scenario yields rows of the table."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import cluster, kube_score, pairs
from benchmarks.measure import alternating, cpu, peak, run, wall
from benchmarks.rows import Row, Workshop


def against_kube_score(shop: Workshop) -> Iterator[Row]:
    score = kube_score.binary()
    for spaces in (40, 1):
        what = f"`check` of 1,000 Deployment + Service pairs in {spaces} namespace{'s' if spaces > 1 else ''}, against kube-score {kube_score.VERSION}"
        goal = "less than 1"
        if score is None:
            yield Row(what, "no Go to build kube-score with", "-", goal, met=True, measured=False)
            continue
        path = shop.folder / f"pairs-{spaces}.yaml"
        pairs.write(path, 1000, spaces)
        commands = {"seakeep": shop.seakeep("check", "-q", str(path)), "kube-score": [str(score), "score", str(path)]}
        runs = alternating(commands, shop.environment, shop.rounds)
        ratio = wall(runs["seakeep"]) / wall(runs["kube-score"])
        figures = ", ".join(f"{name} {wall(items):.2f} s ({cpu(items):.2f} s of CPU)" for name, items in runs.items())
        yield Row(what, figures, f"{ratio:.2f}", goal, ratio < 1)


def decoding(shop: Workshop) -> Iterator[Row]:
    path, pods = shop.folder / "pods.json", 50_000
    cluster.write_pods(path, pods)
    seconds: dict[str, list[float]] = {"json": [], "seakeep": []}
    kept: dict[str, int] = {}
    for _ in range(3):
        for how, times in seconds.items():
            command = [sys.executable, "-m", "benchmarks.decode", how, str(path)]
            done = subprocess.run(command, env=dict(shop.environment), check=True, capture_output=True, text=True)
            time, memory = done.stdout.split()
            times.append(float(time))
            kept[how] = int(memory)
    size = path.stat().st_size / pods / 1000
    path.unlink()
    ours, theirs = (statistics.median(seconds[how]) for how in ("seakeep", "json"))
    what = f"decode of {pods:,} pods of {size:.1f} KB, against `json.load`"
    yield Row(what, f"{ours:.2f} s and {theirs:.2f} s", f"{theirs / ours:.1f} x", "at least 4 x", theirs >= 4 * ours)
    each = kept["seakeep"] / pods / 1000
    figures = f"{kept['json'] / pods / 1000:.1f} KB with `json.load`"
    yield Row("resident memory kept per pod", figures, f"{each:.1f} KB", "under 10 KB", each < 10)


def large_cluster(shop: Workshop) -> Iterator[Row]:
    path = shop.folder / "dump.json"
    small, large = (500, 15_000), (5_000, 150_000)
    cluster.write_dump(path, *small)
    command = shop.seakeep("check", "-q", "--no-exit-code", str(path))
    runs = alternating({"small": command}, shop.environment, 3)["small"]
    cluster.write_dump(path, *large)
    big = run(command, shop.environment)
    size = path.stat().st_size / 1e9
    path.unlink()
    what = f"`check` of {large[0]:,} nodes and {large[1]:,} pods ({size:.1f} GB of JSON)"
    good = big.code == 0
    yield Row(what, f"{big.cpu:.0f} s of CPU", f"{big.wall:.0f} s", "under 60 s", good and big.wall < 60)
    yield Row(f"{what}, peak resident memory", "", f"{big.peak / 1e9:.2f} GB", "under 3 GB", good and big.peak < 3e9)
    ratio = big.cpu / cpu(runs)
    figures = f"{cpu(runs):.1f} s and {peak(runs) / 1e9:.2f} GB at {small[1]:,} pods, {big.cpu:.1f} s of CPU at ten times as many"
    yield Row("growth from 15,000 to 150,000 pods, CPU time", figures, f"{ratio:.1f} x", "at most 12 x", ratio <= 12)


def help_text(shop: Workshop) -> Iterator[Row]:
    python = [sys.executable, "-c", "pass"]
    runs = alternating({"help": shop.seakeep("--help"), "python": python}, shop.environment, shop.rounds * 2)
    taken, bare = wall(runs["help"]), wall(runs["python"])
    yield Row("`seakeep --help`", f"Python alone {bare:.2f} s", f"{taken:.2f} s", "under 0.3 s", taken < 0.3)


def diagnosis(shop: Workshop) -> Iterator[Row]:
    generated = shop.folder / "small.json"
    cluster.write_dump(generated, 5, 154)
    shipped = Path(__file__).parent.parent / "src" / "seakeep" / "data"
    found = sorted(shipped.glob("*.skz"))
    for path in (generated, *found):
        command = shop.seakeep("diagnose", "-q", "--no-exit-code", str(path))
        runs = alternating({"diagnose": command}, shop.environment, shop.rounds)["diagnose"]
        name = "a generated cluster" if path == generated else f"the shipped {path.stem}"
        good = all(item.code == 0 for item in runs)
        taken = wall(runs)
        yield Row(
            f"`diagnose` of {name}, 154 pods",
            f"{cpu(runs):.2f} s of CPU",
            f"{taken:.2f} s",
            "under 1 s",
            good and taken < 1,
        )
