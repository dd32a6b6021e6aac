"""Issues, wikis and chats: somebody's words in Markdown, and what stood on the screen in blocks of code. Words are no output of the command above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seakeep.adapters.transcript.marks import at_margin
from seakeep.model.pattern import late

# Deeper ones are text that a manifest or a log holds.
_FENCE = late(r"\s{0,3}(?:[-*>]\s+)?(?P<mark>`{3,}|~{3,})[ \t]*(?P<rest>.*)")
_LANGUAGE = late(r"[\w.+#-]*")
# Blocks of source text: nothing that a cluster printed.
_SOURCE = late(
    r"c|cpp|cs|css|diff|dockerfile|go|golang|groovy|hcl|helm|html|ini|java|javascript|js|kotlin|makefile|php"
    r"|properties|py|python|ruby|rust|scala|sql|swift|terraform|tf|toml|ts|typescript|xml"
)
_HEADING = late(r"\s{0,3}#{1,6}\s+(?=\S)|\s{0,3}#{1,6}\s*$")
_SPAN = late(r"`(?P<code>[^`\n]+)`")
_COMMAND = late(r"(?:\$ |# )?(?:sudo )?(?:kubectl|oc|k) (?:-\S+ \S+ )*[a-z]+\b.*")
_WHOLE = late(r"\s*`[^`\n]+`:?\s*")
# Shorter code between words is a name, no message.
_SHORTEST = 24


@dataclass(slots=True)
class Block:
    """Lines that stand together: `code` as the screen showed them, else somebody's words."""

    code: bool
    lines: list[str]


def blocks(lines: Sequence[str]) -> list[Block]:
    """One block where the text has no fences."""
    found = [Block(code=False, lines=[])]
    opened, source = "", False
    for line in lines:
        match = _FENCE.fullmatch(line) if "```" in line or "~~~" in line else None
        if match and not opened and not match["rest"].rstrip().endswith(match["mark"]):
            opened = match["mark"]
            titled = _LANGUAGE.fullmatch(match["rest"].strip()) is not None
            source = titled and _SOURCE.fullmatch(match["rest"].strip().lower()) is not None
            found.append(Block(code=True, lines=[] if titled or source else [match["rest"]]))
        elif opened and _closes(line, opened, match):
            # Also behind its last line: what Markdown does not close, whoever wrote it meant to.
            if shown := line.rstrip().rstrip(opened[0]).rstrip():
                found[-1].lines.append(shown)
            if source:
                found.pop()
            opened = ""
            found.append(Block(code=False, lines=[]))
        else:
            found[-1].lines.append(line)
    if len(found) == 1:
        # Lines of which each is code by itself.
        if any(_WHOLE.fullmatch(line) for line in lines) or sum(line.lstrip().startswith("`") for line in lines) > 1:
            found[0].lines = list(_plain(lines, before_code=False))
        return found
    kept = [block for block in found if any(line.strip() for line in block.lines)]
    told: list[Block] = []
    for number, block in enumerate(kept):
        if block.code:
            block.lines = at_margin(block.lines)
        else:
            before_code = number + 1 < len(kept) and kept[number + 1].code
            spans = [span for line in block.lines for span in _spans(line)]
            told += [Block(code=True, lines=spans)] if spans else []
            block.lines = list(_plain(block.lines, before_code=before_code))
        told.append(block)
    return told


def _closes(line: str, opened: str, match: re.Match[str] | None) -> bool:
    if not line.strip(" \t`~"):
        return match is not None and match["mark"].startswith(opened)
    return line.rstrip().endswith(opened)


def _plain(lines: Sequence[str], *, before_code: bool) -> Iterator[str]:
    """Words without Markdown's marks, and the command that the last of them names as one that was run."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    for number, line in enumerate(lines):
        line = _HEADING.sub("", line, count=1)  # noqa: PLW2901 - the same line
        if _is_shown(line):
            yield re.sub(r"`:?\s*$", "", line).replace("`", "")
            continue
        yield line
        commands = [match["code"] for match in _SPAN.finditer(line) if _COMMAND.fullmatch(match["code"].strip())]
        if before_code and commands and number == filled[-1]:
            yield f"$ {commands[-1].lstrip('$# ')}"


def _is_shown(line: str) -> bool:
    """A line of code by itself; one that begins with a command among words is none."""
    if not line.lstrip().startswith("`"):
        return False
    first = _SPAN.match(line.lstrip())
    return first is None or bool(_WHOLE.fullmatch(line)) or not _COMMAND.fullmatch(first["code"].strip())


def _spans(line: str) -> Iterator[str]:
    """What the screen showed, quoted among the words of a line."""
    if not _is_shown(line):
        codes = (match["code"].strip() for match in _SPAN.finditer(line))
        yield from (code for code in codes if len(code) >= _SHORTEST and " " in code and not _COMMAND.fullmatch(code))


def is_talk(block: Block) -> bool:
    """Nothing, or a few words between a command and the block with what it printed: `**Output:**`, `returns`."""
    filled = [line for line in block.lines if line.strip()]
    return len(filled) <= (0 if block.code else 3) and not any(
        re.search(r"\S\s{3,}\S|^\s{2,}\S|^Name:", line) for line in filled
    )
