"""Shells that somebody opened in a pod or on a machine: what follows without kubectl is run there, until they leave."""

from __future__ import annotations

import re

from seakeep.adapters.transcript.commands import Command
from seakeep.model.refs import Ref

_SHELL = re.compile(r"(?:/\S*/)?(?:ba|z|a|k)?sh(?: -l| -i)?")
_GREETING = re.compile(
    r"^(?:Defaulted container|If you don't see a command prompt|Unable to use a TTY|kubectl exec \[POD\]).*$",
    re.MULTILINE,
)
_SSH = re.compile(r"ssh (?:-\w+ )*(?:\w[\w.-]*@)?(?P<host>[\w.-]+)")


def inside_after(inside: Ref | None, command: Command, line: str, text: str) -> Ref | None:
    """The pod or node in which the next line is typed (`exec -it web-0 -- sh`, `ssh node-1`); None for the shell in which kubectl runs."""
    if (
        command.verb == "exec"
        and command.names
        and not _GREETING.sub("", text).strip()
        and _SHELL.fullmatch(" ".join(command.inner))
    ):
        return Ref(command.names[0][0], command.place, command.names[0][1])
    if match := _SSH.fullmatch(line.strip()):
        return Ref("Node", "", match["host"])
    return None if command.verb or line.strip() in {"exit", "logout"} else inside
