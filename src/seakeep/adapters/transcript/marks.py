"""Marks that mails, trackers and web pages put around what stood on a screen: made into Markdown's fences, or taken away."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from seakeep.adapters.transcript import tables
from seakeep.model.pattern import late

_FENCE = "```"
# Spaces that a page shows as such, what it shows as nothing, and quotation marks that an editor made of plain ones.
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u202f", " "),
        **dict.fromkeys("\u200b\u200e\ufeff", ""),
        **dict.fromkeys("\u201c\u201d", '"'),
    }
)
_PREFORMATTED = late(r"<(?P<tag>pre|code|samp)\b[^>\n]{0,200}>", re.IGNORECASE)
_STYLE = late(r"</?(?:span|b|i|u|em|strong|code|samp|a|font|mark|ins|del)\b[^>\n]{0,400}>", re.IGNORECASE)
_PAGE = late(r"\s*<(?:!doctype html|html|body|div|p|span|br|h[1-6]|table|ul|ol|blockquote)\b", re.IGNORECASE)
_BREAK = late(r"<br\s*/?>\n?|</(?:p|div|li|tr|h[1-6]|blockquote)>", re.IGNORECASE)
_LAYOUT = late(
    r"</?(?:html|head|body|p|div|ul|ol|li|table|tbody|tr|td|th|h[1-6]|blockquote)\b[^>\n]{0,400}>", re.IGNORECASE
)
# Jira and Confluence, forums, AsciiDoc, Org.
_BRACED = late(r"\{(?:code|noformat)(?::[^}\n]{0,80})?\}")
_AROUND = late(r"^[ \t]*\{(?:panel|quote)(?::[^}\n]{0,80})?\}|\{(?:panel|quote)\}[ \t]*$", re.MULTILINE)
_SQUARE = late(r"\[/?(?:code|pre)(?:=[^\]\n]{0,40})?\]", re.IGNORECASE)
_LISTING = late(
    r"^\[(?:source|listing)[^\]\n]{0,80}\]\n(?P<mark>-{4,})\n(?P<body>.*?)\n(?P=mark)$", re.DOTALL | re.MULTILINE
)
_ORG = late(r"^[ \t]*#\+(?:begin|end)_(?:src|example)\b.*$", re.MULTILINE | re.IGNORECASE)
# One mark before and one behind what has lines.
_TICKS = late(r"^[ \t]*`(?!`)(?P<body>[^`\n]*\n[^`]{0,40000})`[ \t]*$", re.MULTILINE)
_SAYING = late(r"^[\"\u201c](?=(?:[$#] )?(?:kubectl|oc) [a-z])", re.MULTILINE)
_STARRED = late(r"^.{0,60}?\*\*(?:[$#] )?(?P<command>(?:sudo )?(?:kubectl|oc) [^*\n]+)\*\*:?[ \t]*$", re.MULTILINE)
# A line of which each word is stressed.
_STRESSED = late(r"^[ \t]*(?P<mark>[_*]{1,3})(?=\S)(?P<words>[^\n]{1,1000})(?<=\S)(?P=mark)[ \t]*$", re.MULTILINE)
# A mail's or Markdown's mark of a quotation, however deep; a web archive shows it escaped.
_QUOTE = late(r"[ \t]{0,3}(?:(?:>|&gt;)[ \t]?)+")
# Next to them `>` is curl's, or a shell's that waits for the rest of a command.
_CURL = ("* ", "< ", "{ [", "} [")
_WAITS = late(r".*(?:\\|<<-?\s?['\"]?\w+['\"]?.*)\s*")
_SAID = late(r"(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?[ ]+)?<[ @+%]?[A-Za-z][\w|-]{0,30}>[ ]?")
_NUMBER = late(r" {0,6}(?P<number>\d{1,5})(?:\t|[:|] ?| {2})")
_NUMBERED = late(r"^ {0,6}1(?:\t|[:|]| {2})", re.MULTILINE)
_INDENTED = late(r"(?:\A|\n[ \t]*\n)(?: {3,}|\t)")
_FEWEST = 5
_DEEP = late(r"(?: {3,}|\t)")
_SHOWS = late(r"(?:\S{0,80}[$#>%] ?)?(?:kubectl|oc) [a-z]|(?:apiVersion|kind): \S|Name:[ \t]+\S|Events:(?:\s|$)")


def unmarked(text: str) -> str:
    """The text with fences alone around what was shown."""
    if "</" in text or "<br" in text:
        text = _without_tags(text)
    if not text.isascii():
        text = text.translate(_LETTERS)
    text = _fenced(text)
    lines = text.split("\n")
    if "\n>" in text or "\n&gt;" in text or text.startswith(">"):
        lines = list(_unquoted(lines))
    if "\n<" in text:
        lines = _without_names(lines)
    text = "\n".join(lines)
    if _NUMBERED.search(text):
        text = "\n".join(_without_numbers(text.split("\n")))
    return "\n".join(_out(text.split("\n"))) if _INDENTED.search(text) else text


def _without_tags(text: str) -> str:
    page = _PAGE.match(text) is not None
    found: list[str] = []
    end = 0
    for begin, start, stop, after in _preformatted(text):
        # One line of it is a name among words; what a program printed stands within a fence.
        if "\n" not in text[start:stop] and not _BREAK.search(text, start, stop):
            continue
        if text.count(_FENCE, 0, begin) % 2:
            continue
        body = html.unescape(_STYLE.sub("", _BREAK.sub("\n", text[start:stop]))).strip("\n")
        mark = "" if _FENCE in body else _FENCE
        found += [_words(text[end:begin], page=page), f"\n{mark}\n{body}\n{mark}\n"]
        end = after
    return "".join([*found, _words(text[end:], page=page)])


def _preformatted(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Where each begins, its body begins and ends, and what follows begins. A tag that is never closed is looked for once."""
    lower = text.lower()
    closed = {tag: lower.rfind(f"</{tag}>") for tag in ("pre", "code", "samp")}
    position = 0
    while match := _PREFORMATTED.search(text, position):
        tag = match["tag"].lower()
        position = match.end()
        if position <= closed[tag]:
            stop = lower.find(f"</{tag}>", position)
            position = stop + len(tag) + 3
            yield match.start(), match.end(), stop, position


def _words(text: str, *, page: bool) -> str:
    return html.unescape(_STYLE.sub("", _LAYOUT.sub("", _BREAK.sub("\n", text)))) if page else text


def _fenced(text: str) -> str:
    for sign, form in (("{code", _BRACED), ("{noformat", _BRACED), ("[/", _SQUARE), ("#+", _ORG)):
        # A mark that is not closed is no mark.
        if sign in text.lower() and len(form.findall(text)) % 2 == 0:
            text = form.sub(f"\n{_FENCE}\n", text)
    if "`" in text:
        text = _TICKS.sub(
            lambda match: (
                match[0]
                if text.count(_FENCE, 0, match.start()) % 2
                else f"{_FENCE}\n{match['body'].strip(chr(10))}\n{_FENCE}"
            ),
            text,
        )
    text = _SAYING.sub("", text)
    text = _STARRED.sub(r"$ \g<command>", text) if "**" in text else text
    text = _STRESSED.sub(_calm, text) if "\n_" in text or "\n*" in text else text
    text = _AROUND.sub("", text) if "{panel" in text or "{quote" in text else text
    return _LISTING.sub(rf"{_FENCE}\n\g<body>\n{_FENCE}", text) if "\n----" in text else text


def _calm(match: re.Match[str]) -> str:
    return match["words"] if " " in match["words"] else match[0]


def _unquoted(lines: Sequence[str]) -> Iterator[str]:
    """A single quoted line is a prompt's, unless it stands as a paragraph of its own."""
    position = 0
    for quoted, group in groupby(lines, key=lambda line: _QUOTE.match(line) is not None):
        run = list(group)
        before = lines[position - 1] if position else ""
        position += len(run)
        after = lines[position] if position < len(lines) else ""
        alone = len(run) == 1 and bool(before.strip() or after.strip())
        if not quoted or alone or before.startswith(_CURL) or after.startswith(_CURL) or _WAITS.fullmatch(before):
            yield from run
        else:
            yield from (html.unescape(_QUOTE.sub("", line, count=1)) for line in run)


def _without_names(lines: list[str]) -> list[str]:
    """A chat's log: who said it stands before each line."""
    said = [line for line in lines if _SAID.match(line)]
    if len(said) < _FEWEST or 2 * len(said) < sum(bool(line.strip()) for line in lines):
        return lines
    return [_SAID.sub("", line, count=1) for line in lines]


def _without_numbers(lines: Sequence[str]) -> Iterator[str]:
    """Lines that an editor or `cat -n` numbered."""
    run: list[str] = []
    last = None
    for line in (*lines, None):
        match = _NUMBER.match(line) if line and line[:1] in " 0123456789" else None
        number = int(match["number"]) if match else None
        if number is None or number != (last or 0) + 1 or (last is None and number > 1):
            bare = [_NUMBER.sub("", item, count=1) for item in run]
            yield from bare if len(run) >= _FEWEST and any(map(_is_shown, bare)) else run
            run = []
        if line is not None and number is not None and (run or number == 1):
            run.append(line)
        elif line is not None:
            yield line
        last = number if run else None


def _out(lines: Sequence[str]) -> Iterator[str]:
    """Markdown's other block of code: a paragraph of indented lines, where the first shows what it is."""
    position, empty, inside = 0, True, False
    while position < len(lines):
        line = lines[position]
        inside ^= line.lstrip().startswith(_FENCE)
        if empty and not inside and _DEEP.match(line) and _is_shown(line.strip()):
            end = position
            while end < len(lines) and (not lines[end].strip() or _DEEP.match(lines[end])):
                end += 1
            yield from (_FENCE, *textwrap.dedent("\n".join(lines[position:end])).rstrip("\n").split("\n"), _FENCE)
            position = end
        else:
            yield line
            position += 1
        empty = not line.strip()


def at_margin(lines: list[str]) -> list[str]:
    """Moved there, where the first line shows what it is."""
    first = next((line for line in lines if line.strip()), "")
    if not first[:1].isspace() or not _is_shown(first.strip()):
        return lines
    return textwrap.dedent("\n".join(lines)).split("\n")


def _is_shown(line: str) -> bool:
    return tables.is_header(line) or _SHOWS.match(line) is not None
