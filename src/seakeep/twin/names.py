"""Suffixes of generated names, from a seed: the same seed gives the same names. Alphabet: apimachinery util/rand."""

from __future__ import annotations

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_LENGTH = 5
_NUMBER = len(_ALPHABET) ** _LENGTH
# Coprime to 27, so that every suffix comes once before one comes twice; large, so that neighbours look unlike.
_STRIDE = 8_960_453


class Suffixes:
    """Call it for the next one. `branch` goes on from the same place, apart from its origin."""

    def __init__(self, seed: int = 0) -> None:
        self._next = seed

    def __call__(self) -> str:
        self._next += 1
        number = self._next * _STRIDE % _NUMBER
        text = ""
        for _ in range(_LENGTH):
            number, digit = divmod(number, len(_ALPHABET))
            text += _ALPHABET[digit]
        return text

    def branch(self) -> Suffixes:
        return Suffixes(self._next)
