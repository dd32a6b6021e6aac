"""A transcript into (command, output) pairs."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from seakeep.adapters.transcript.commands import parse
from seakeep.adapters.transcript.inlaid import apart, holds_manifest
from seakeep.adapters.transcript.loose import beside, is_loose, loose_pairs
from seakeep.adapters.transcript.markdown import Block, blocks, is_talk
from seakeep.model.pattern import late

# `$ kubectl …`, `# kubectl …`, `user@host:~$ kubectl …`, `PS C:\> kubectl …`, `+ kubectl …`, `[10:02:11] kubectl …`, `➜  ~ kubectl …`, and bare `kubectl get …` lines.
_PROMPT = late(
    r"^ {0,3}(?:\(\u2388[^)\n]{0,80}\)\s*)?(?:[\w.@:~/\\ \[\](){},|=#*<>\u0080-\U0010ffff-]{0,80}?(?:[$#>%]{1,2}|[\u2190-\u27bf\ue0b0-\ue0d4\u00bb\u203a\u03bb\U0001f300-\U0001faff])\s+|[$#>](?=(?:kubectl|oc) )"
    r"|(?:[\w.@-]{1,60} )?[\u2190-\u27bf]\s+\S{1,60}(?:\s+git:\(\S{1,80}\))?(?:\s+[^\x00-\x7f])?\s+"
    r"|\+{1,3}\s+|\|\s+|(?:In \[\d{1,4}\]: *)?!|\[[\w .:/+-]{4,40}\]\s+|\d{1,2}[.)]\s+|[A-Z]:\\[^>\n]{0,80}>)?"
    r"(?P<command>(?:sudo\s+|time\s+)?(?:(?:(?:microk8s|k3s|rke2|k0s|minikube|rancher)[. ])?kubectl|oc|k)\s+\S.*)$"
)
# What is set up on the same line.
_SET_UP = late(r"^(?:(?:export|cd|source|unset|alias) [^;&|\n]{1,200}|[A-Z_]+=\S+)(?:;|&&)\s*(?=(?:kubectl|oc|k)\s)")
# Any other command, and the names that recorders give to their own tools (`$ kubectl_describe command`).
_OTHER = late(
    r"^(?:(?:[\w.@:~/\\\[\]()-]{0,80})?\$ |[\u276f\u279c\u03bb\u00bb\u203a]\s+(?:[~/]\S{0,60}\s+(?:git:\(\S{1,80}\)\s+)?)?)(?P<command>(?!\d{4}-\d\d-\d\d)\S.*)$"
)
# A shell on a machine, or in a container: `root@worker-5:~# …`, `[core@worker-5 ~]$ …`, `sh-4.4# …`, `/ # …`.
_SHELL = late(
    r"^(?:I have no name!@[\w.-]{1,253}:\S{0,60}[$#]|\[?[\w.-]{1,32}@(?P<host>[\w.-]{1,253})[: ][^\s#$\]]{0,60}\]?[#$]|(?:ba|z|k)?sh-[\d.]{1,6}[#$]|/[\w/.-]{0,60} [#$])\s+(?P<command>\S.*)$"
)
# What kube-ps1 puts before a prompt: `(⎈|prod:shop)`.
_CONTEXT = late(r"\(\u2388[ |]*[^)\n]*[:/|](?P<namespace>[a-z0-9][a-z0-9-]{0,62})\)")
# Programs that look at the machine itself.
_MACHINE = frozenset({"journalctl", "crictl", "systemctl", "service", "ctr", "nerdctl"})
_TOOL = late(r"^(?:\$ +)?(?P<command>kubectl[_-]\w{2,60}\b.*)$")
# What is run between kubectl's commands.
_PROGRAMS = _MACHINE | {
    *(
        "kubectl",
        "oc",
        "k",
        "helm",
        "curl",
        "ssh",
        "argocd",
        "istioctl",
        "psql",
        "kubens",
        "kubectx",
        "date",
        "exit",
        "df",
    ),
    *(
        "nslookup",
        "dig",
        "ping",
        "openssl",
        "aws",
        "gcloud",
        "az",
        "docker",
        "ceph",
        "velero",
        "cilium",
        "calicoctl",
        "vault",
    ),
}
_WRAPPER = late(r"^(?:\$\s+)?Command `(?P<command>[^`\n]+)` failed with return code \d+[ \t]*$", re.MULTILINE)
_STREAMS = late(r"^(?:stdout|stderr):[ \t]*$", re.MULTILINE)
_FENCED = late(r" {0,3}(?:`{3}|~{3})")
_FENCE = late(r"^```\w*[ \t]*$", re.MULTILINE)
_MAX_CONTINUATION = 200
_WRITES = frozenset({"apply", "create", "delete", "kustomize", "label", "patch", "replace", "scale", "taint", "wait"})
_ERROR = late(r"^[^\S\n]*(?:Error from server|error:)", re.MULTILINE)
_ANSWER = late(r"\s*(?:Error from server|error:|Warning:|The \w+ \"|\S+/\S+ \w+|\w[\w.-]* \"[^\"]+\" \w+)")


def pairs(text: str) -> list[tuple[str, Any]]:
    """Output is text, or parsed JSON where the source gave it so. What stands before the first command has the command ''."""
    stripped = text.lstrip()
    if stripped[:1] in {"{", "["}:
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            value = None
        found = _from_json(value)
        if found:
            return found
    return _from_text(text)


def _from_json(value: Any, depth: int = 0) -> list[tuple[str, Any]]:
    """{command: output}, [{command, output}], or either a level or two down (`{"commands": …}`)."""
    if depth > 3:
        return []
    if isinstance(value, list):
        found = []
        for item in value:
            if isinstance(item, dict):
                command = next(
                    (item[key] for key in ("command", "cmd", "input", "query") if isinstance(item.get(key), str)), None
                )
                output = next((item[key] for key in ("output", "stdout", "result", "response") if key in item), None)
                if command is not None and output is not None:
                    found.append(_plain(command, output))
        return found
    if not isinstance(value, dict):
        return []
    if any(is_command(key) for key in value):
        return [_plain(key, output) for key, output in value.items()]
    for item in value.values():
        found = _from_json(item, depth + 1)
        if found:
            return found
    return []


def _plain(command: str, output: Any) -> tuple[str, Any]:
    """The command without its prompt, the output without what a recorder put around it."""
    match = _match(command.strip())
    command = match["command"].strip() if match else command.strip()
    if (
        isinstance(output, dict)
        and "kind" not in output
        and isinstance(output.get("stdout", output.get("output")), str)
    ):
        streams = (output.get("stdout", output.get("output")), output.get("stderr"))
        output = "\n".join(text for text in streams if isinstance(text, str) and text)
    return _unwrapped(command, output) if isinstance(output, str) else (command, output)


def _match(line: str) -> re.Match[str] | None:
    found = _PROMPT.match(line) or _TOOL.match(line) or _SHELL.match(line) or _OTHER.match(line)
    # A note's `$` before a copied prompt of its own.
    inner = _PROMPT.match(found["command"]) if found else None
    return inner if inner and inner.start("command") else found


def _told(match: re.Match[str]) -> str:
    """The command; of one that looks at the machine whose prompt it stands behind, as `ssh` would have run it."""
    command = _SET_UP.sub("", match["command"].strip())
    context = _CONTEXT.match(match.string)
    if context and not re.search(r"\s(?:-n|-A|--namespace|--all-namespaces)\b", command):
        command = re.sub(r"^((?:sudo |time )?(?:kubectl|oc|k)) ", rf"\1 -n {context['namespace']} ", command)
    host = match.groupdict().get("host")
    words = command.removeprefix("sudo ").split()
    return f"ssh {host} {command}" if host and words and words[0] in _MACHINE else command


def is_command(line: str) -> bool:
    """A line that runs kubectl, or a recorder's tool that does, or looks at a machine from its own shell."""
    if _PROMPT.match(line.strip()) or _TOOL.match(line.strip()):
        return True
    shell = _SHELL.match(line)
    return shell is not None and _told(shell).startswith("ssh ")


def shows_something(text: str) -> bool:
    """Whether a text without commands, tables' heads or descriptions is nevertheless of a cluster."""
    return (
        is_loose(text)
        or ("`" in text and any(command for command, _ in _from_text(text)))
        or holds_manifest(text.split("\n"))
    )


def _from_text(text: str) -> list[tuple[str, Any]]:
    lines = text.replace("\r\n", "\n").split("\n")
    session = _is_session([line for line in lines if line.strip()])
    parts = [Block(code=False, lines=lines)] if session else apart(blocks(lines))
    found: list[tuple[str, Block]] = []
    for part in parts:
        (_, before), *commands = _commands(part.lines)
        awaiting = _awaiting(found, before) if part.code and any(line.strip() for line in before) else None
        if awaiting is None:
            found.append(("", Block(part.code, before)))
        else:
            found[awaiting] = (found[awaiting][0], Block(code=True, lines=before))
        found += [(command, Block(part.code, body)) for command, body in commands]
    shown = [(command, block) for command, block in found if command or any(line.strip() for line in block.lines)]
    told = [(*_unwrapped(command, "\n".join(block.lines)), block.code) for command, block in shown]
    alone = not any(command for command, _, _ in told)
    pairs_found: list[tuple[str, Any]] = []
    for number, (command, body, code) in enumerate(told):
        pairs_found += [(command, body), *_beside(command, body)]
        # What follows the first command without a command of its own is told apart from its output by blocks only.
        if not command and (number == 0 or len(parts) > 1):
            pairs_found += loose_pairs(body, alone=alone or code, fenced=code)
    return pairs_found


def _is_session(filled: list[str]) -> bool:
    """A terminal's session begins with a command: fences in it are what a program printed. Not so below a title, nor where the first output is fenced."""
    if not filled or _match(filled[0]) is None or any(map(_FENCED.match, filled[1:2])):
        return False
    title = filled[0].startswith("# ") and not any(line.startswith("# ") and _match(line) for line in filled[1:])
    return not title or not any(map(_FENCED.match, filled))


def _awaiting(found: list[tuple[str, Block]], lines: list[str]) -> int | None:
    """The command whose output is still to come: of the block before, or of the words before it. One that writes prints no more than what became of it."""
    for back in (1, 2):
        if len(found) < back or not is_talk(found[-back][1]):
            return None
        if found[-back][0]:
            parsed = parse(found[-back][0])
            first = next(line for line in lines if line.strip())
            wrote = parsed is not None and parsed.verb in _WRITES and not _ANSWER.match(first)
            return None if wrote else len(found) - back
    return None


def _commands(lines: list[str]) -> list[tuple[str, list[str]]]:
    """What stands before the first command has the command ''."""
    found: list[tuple[str, list[str]]] = [("", [])]
    position, prompt = 0, ""
    while position < len(lines):
        line = lines[position]
        position += 1
        match = _match(line)
        if match and (_goes_on(match, prompt) or not _is_output(line, found[-1][0])):
            prompt = _prompt(match)
            command, position = _continued(_told(match), lines, position)
            found.append((command, []))
        else:
            found[-1][1].append(line)
    return found


def _beside(command: str, body: str) -> list[tuple[str, Any]]:
    parsed = parse(command) if command and isinstance(body, str) else None
    if parsed is None:
        return []
    listed = parsed.verb == "get" and "Event" not in parsed.kinds and not parsed.output.startswith(("yaml", "json"))
    if parsed.verb in _WRITES and not _ERROR.search(body):
        # Somebody's own words for what was answered.
        return [pair for pair in beside(body, first=0) if not pair[0].startswith("kubectl logs")]
    return beside(body) if listed else []


def _continued(command: str, lines: list[str], position: int) -> tuple[str, int]:
    """A command that goes on: a backslash at its end, or a script whose quote opens there (`| awk '`)."""
    while command.endswith("\\") and position < len(lines):
        command = f"{command[:-1]} {lines[position].strip()}"
        position += 1
    if command[-1:] in {"'", '"'} and command.count(command[-1]) % 2:
        quote = command[-1]
        for ahead in range(position, min(position + _MAX_CONTINUATION, len(lines))):
            if is_command(lines[ahead]):
                break
            if quote in lines[ahead]:
                return "\n".join([command, *lines[position : ahead + 1]]), ahead + 1
    return command, position


def _goes_on(match: re.Match[str], prompt: str) -> bool:
    """A command of the person who pasted, and no line of a log that looks like one: the same prompt, and a program that such people use."""
    words = match["command"].removeprefix("sudo ").split()
    return _prompt(match) == prompt != "" and words[0] in _PROGRAMS


def _prompt(match: re.Match[str]) -> str:
    """What stands before the command, whatever the time in it."""
    return re.sub(r"\d", "0", match.string[: match.start("command")]).strip()


def _is_output(line: str, command: str) -> bool:
    """A log may hold lines that look like prompts; only a line that names kubectl, or one behind the same prompt, ends it."""
    parsed = None if "kubectl" in line else parse(command)
    return parsed is not None and parsed.verb in {"logs", "log"}


def _unwrapped(command: str, output: str) -> tuple[str, str]:
    """Recorders that print `Command … failed`, `stdout:` / `stderr:` and quotes around the text."""
    match = _WRAPPER.search(output)
    if match:
        command = match["command"]
        output = output.replace(match[0], "", 1)
    streams = [_unquoted(part) for part in _STREAMS.split(_FENCE.sub("", output))]
    return command, "\n".join(part for part in streams if part.strip()).strip("\n")


def _unquoted(text: str) -> str:
    """Several lines in one pair of quotes; inner quotes may be escaped or not."""
    inner = text.strip()
    if len(inner) < 2 or inner[0] != '"' or inner[-1] != '"' or inner.partition("\n")[0].count('"') % 2 == 0:
        return _decoded(inner) or text
    return _decoded(inner) or inner[1:-1]


def _decoded(inner: str) -> str:
    """A JSON string that holds lines; "" where it is none."""
    if inner[:1] != '"' or inner[-1:] != '"' or not ("\\n" in inner or "\n" in inner):
        return ""
    try:
        value = json.loads(inner, strict=False)
    except (ValueError, RecursionError):
        return ""
    return value if isinstance(value, str) and "\n" in value else ""
