"""What is wrong with a schedule, as robfig/cron v3 says it (`ParseStandard`), which the API server asks."""

from __future__ import annotations

import re

_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_NAMES: tuple[dict[str, int], ...] = (
    {},
    {},
    {},
    {
        name: at
        for at, name in enumerate(
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
        )
    },
    {name: at for at, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])},
)
_DESCRIPTORS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
_LONGEST = 18  # digits that surely are an int64
_DURATION = r"[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+|[-+]?0"


def fault(text: str) -> str:
    """Empty where there is none."""
    text = re.sub(r"^(CRON_)?TZ=\S* ", "", text).strip() if text.startswith(("TZ=", "CRON_TZ=")) else text
    if text.startswith("@"):
        return "" if text in _DESCRIPTORS else _descriptor(text)
    fields = text.split()
    if len(fields) != len(_BOUNDS):
        return f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]"
    for field, (low, high), names in zip(fields, _BOUNDS, _NAMES, strict=True):
        for part in filter(None, field.split(",")):
            try:
                _judge(part, low, high, names)
            except _FaultError as found:
                return str(found)
    return ""


class _FaultError(ValueError):
    """The words are its argument."""


def _descriptor(text: str) -> str:
    if not text.startswith("@every "):
        return f"unrecognized descriptor: {text}"
    span = text.removeprefix("@every ")
    return "" if re.fullmatch(_DURATION, span) else f'failed to parse duration {text}: time: invalid duration "{span}"'


def _judge(part: str, low: int, high: int, names: dict[str, int]) -> None:
    span, *steps = part.split("/")
    ends = span.split("-")
    if ends[0] in {"*", "?"}:
        start, end = low, high
    else:
        start = end = _number(ends[0], names)
        if len(ends) == 2:
            end = _number(ends[1], names)
        elif len(ends) > 2:
            raise _FaultError(f"too many hyphens: {part}")
    step = 1
    if len(steps) == 1:
        step = _number(steps[0], {})
        end = high if len(ends) == 1 else end
    elif steps:
        raise _FaultError(f"too many slashes: {part}")
    if start < low:
        raise _FaultError(f"beginning of range ({start}) below minimum ({low}): {part}")
    if end > high:
        raise _FaultError(f"end of range ({end}) above maximum ({high}): {part}")
    if start > end:
        raise _FaultError(f"beginning of range ({start}) beyond end of range ({end}): {part}")
    if not step:
        raise _FaultError(f"step of range should be a positive number: {part}")


def _number(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"[-+]?\d+", text, re.ASCII):
        raise _FaultError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if len(text) > _LONGEST:
        raise _FaultError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": value out of range')
    number = int(text)
    if number < 0:
        raise _FaultError(f"negative number ({number}) not allowed: {text}")
    return number
