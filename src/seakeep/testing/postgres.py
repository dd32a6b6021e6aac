"""A PostgreSQL server of its own for one run, on loopback, with its data in a folder that goes with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seakeep.testing.engines import missing
from seakeep.testing.testbed.process import free_ports


def programs() -> tuple[str, str]:
    """`initdb` and postgres: of PATH, or where Debian puts them."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return str(folder / "initdb"), str(folder / "postgres")
    found = shutil.which("initdb"), shutil.which("postgres")
    if found[0] and found[1]:
        return found[0], found[1]
    return missing("postgresql", "no PostgreSQL server (Debian: apt-get install postgresql)")


@contextmanager
def server() -> Iterator[str]:
    """Its URL."""
    initdb, postgres = programs()
    # PostgreSQL refuses to run as root, and its own user may not read root's folders.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="seakeep-postgres-") as folder:
        data = Path(folder) / "data"
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        run = [initdb, "--pgdata", str(data), "--auth=trust", "--username=seakeep", "--no-sync", "--encoding=UTF8"]
        subprocess.run(run, check=True, capture_output=True, user=user, cwd="/", timeout=60)
        (port,) = free_ports(1)
        settings = ["-h", "127.0.0.1", "-p", str(port), "-k", folder]
        process = subprocess.Popen(
            [postgres, "-D", str(data), *settings],
            user=user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        url = f"postgresql://seakeep@127.0.0.1:{port}/postgres"
        try:
            _await(url)
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # fast: does not wait for clients
            process.wait(30)


def _await(url: str) -> None:
    try:
        import psycopg
    except ImportError:
        missing("postgresql", "the extra `postgres` is not installed")
    for _ in range(100):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL does not answer")
