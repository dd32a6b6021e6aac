"""Files that people write for Seakeep: their text, and what is wrong with them in a few words."""

from __future__ import annotations

from pathlib import Path

import yaml

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


class OwnFault(yaml.MarkedYAMLError):
    """YAML may hold it, a file of ours may not; `problem` says what."""


def yaml_fault(error: Exception) -> tuple[int, str]:
    """What a YAML parser stumbled over: the line, from 1, and what is wrong there."""
    mark, problem = getattr(error, "problem_mark", None), str(getattr(error, "problem", None) or "")
    if isinstance(error, OwnFault):
        told = problem
    elif problem == "but found another document":
        told = "a second document begins here"
    elif "tab character" in problem or "'\\t'" in problem:
        told = "a tab, where YAML takes only spaces"
    else:
        told = f"not valid YAML{f': {problem}' if problem else ''}"
    return mark.line + 1 if mark else 1, told
