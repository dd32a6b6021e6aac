"""Files that people write for Seakeep: their text, and what is wrong with them in a few words."""

from __future__ import annotations

from pathlib import Path

from seakeep.adapters.errors import UsageError


def text_of(path: Path, hint: str = "") -> str:
    """Raises UsageError; `hint` says where such a file comes from."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist", hint) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text", hint) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint) from error


def yaml_fault(error: Exception) -> tuple[int, str]:
    """What a YAML parser stumbled over: the line, from 1, and what is wrong there."""
    mark = getattr(error, "problem_mark", None)
    several = getattr(error, "problem", None) == "but found another document"
    return mark.line + 1 if mark else 1, "a second document begins here" if several else "not valid YAML"
