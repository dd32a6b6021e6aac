"""Where a source's secrets were taken out when it was opened: what stands there tells that one did, and not which."""

from __future__ import annotations

# As `adapters.secret_text` writes it, which facts must not import.
MASK = "<redacted>"


def holds_secret(text: str) -> bool:
    return MASK in text
