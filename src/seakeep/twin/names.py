"""Suffixes of generated names, from a seed: the same seed gives the same names. Alphabet: apimachinery util/rand."""

from __future__ import annotations

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
# Five letters: two pairs and one.
_PAIRS = tuple(second + first for first in _ALPHABET for second in _ALPHABET)
_NUMBER = len(_PAIRS) ** 2 * len(_ALPHABET)
# Coprime to 27, so that every suffix comes once before one comes twice; large, so that neighbours look unlike.
_STRIDE = 8_960_453


class Suffixes:
    """Call it for the next one. `branch` goes on from the same place, apart from its origin."""

    def __init__(self, seed: int = 0) -> None:
        self._next = seed

    def __call__(self) -> str:
        self._next += 1
        number = self._next * _STRIDE % _NUMBER
        number, first = divmod(number, len(_PAIRS))
        number, second = divmod(number, len(_PAIRS))
        return _PAIRS[first] + _PAIRS[second] + _ALPHABET[number]

    def branch(self) -> Suffixes:
        return Suffixes(self._next)
