"""A path is no secret, nor is what the system says of the file behind it; what is assigned beside one is."""

from __future__ import annotations

import pytest

from seakeep.adapters.redact import MASK, text


@pytest.mark.parametrize(
    "line",
    [
        "open /data/.access_key: Permission denied",
        "/data/.access_key: Permission denied (os error 13)",
        "chown: /data/.secret: Operation not permitted",
        "mkdir: cannot create directory '/data/secret': Permission denied",
        'could not access private key file "/certs/server.key": Permission denied',
        "touch: /vault/token: Read-only file system",
        "read /run/secrets/token: input/output error",
        "cat: /run/secrets/db_password: No such file or directory",
        "rm: cannot remove '/data/.minio.sys/.secret_key': Device or resource busy",
        "PermissionError: '/etc/passwd: permission denied'",
        "reading the token: /run/secrets/token",
        "access_key=/data/.access_key, region=eu",
        'password_store: "/opt/store/entries"',
    ],
)
def test_what_is_said_of_a_file_stays(line: str) -> None:
    assert text(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "/app/db/password: hunter2",
        "secret/data/app/password: hunter2",
        "/data/.access_key: hunter2, then Permission denied",
        "/data/.access_key=hunter2",
        "password: 'hunter2'",
        "access_key: /hunter2",
        "access_key=/data/hunter2+==",
    ],
)
def test_what_is_assigned_goes(line: str) -> None:
    found = text(line)
    assert MASK in found
    assert "hunter2" not in found


@pytest.mark.parametrize(
    "secret", ["Permission", "permission-denied", "EOF-hunter2", "busy", "eofx", "no-such", "denied"]
)
def test_a_word_of_it_is_no_message(secret: str) -> None:
    assert secret not in text(f"password: {secret}")
