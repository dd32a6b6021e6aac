"""The twin against a real control plane, on the terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.comparison import Compared, Comparison, Difference
from seakeep.render.report.markdown import plain_text, table
from seakeep.render.safe import line

_ROWS = 15


def comparison_text(value: Comparison, *, verbose: bool = False) -> Iterator[str]:
    yield line(f"{headline(value)} ({value.engine})", 200)
    for step in (value.before, *value.steps):
        yield "  " + line(said(step), 200)
        shown = step.differences if verbose else step.differences[:_ROWS]
        for item in shown:
            yield "    " + line(_difference(item), 600)
        if step.order:
            names = ", ".join(map(str, step.order))
            yield "    " + line(
                f"as many pods without a place, but others, for it is a matter of who came first: {names}", 600
            )
        if len(shown) < len(step.differences):
            yield f"    and {len(step.differences) - len(shown)} more (-v shows all)"
    if value.left_out:
        yield "  Not compared, because it is not there or otherwise on the real control plane:"
        yield from ("    " + line(f"{item.count} × {item.what}: {item.why}", 240) for item in value.left_out)


def comparison_markdown(value: Comparison) -> list[str]:
    blocks = ["## The twin against a real control plane", f"**{headline(value)}** ({plain_text(value.engine)})"]
    steps = (value.before, *value.steps)
    blocks.append(
        table(
            ("step", "workloads", "decisions alike", "differences", "seconds"),
            [
                (item.step, str(item.workloads), str(item.decisions), str(len(item.differences)), f"{item.seconds:.0f}")
                for item in steps
            ],
        )
    )
    rows = [
        (step.step, item.what, str(item.object), item.twin or "nothing", item.real or "nothing")
        for step in steps
        for item in step.differences
    ]
    if rows:
        blocks.append(table(("step", "what", "object", "twin", "real"), rows))
    if value.left_out:
        left = [(item.what, str(item.count), item.why) for item in value.left_out]
        blocks.append(table(("not compared", "how many", "why"), left))
    return blocks


def headline(value: Comparison) -> str:
    if value.equal:
        return "The twin and the real control plane agree"
    return "The twin and the real control plane differ"


def said(step: Compared) -> str:
    rest = "" if step.settled else ", did not come to rest"
    found = f"{len(step.differences)} differences" if step.differences else "equal"
    return (
        f"{step.step}: {found} ({step.workloads} workloads' ready pods, {step.decisions} refusals alike, "
        f"{step.seconds:.0f} s{rest})"
    )


def _difference(item: Difference) -> str:
    what = "ready pods" if item.what == "ready" else item.what
    return f"{item.object}: {what}: twin {item.twin or 'nothing'}; real {item.real or 'nothing'}"
