"""A question of the tour, and which answers are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST_OPTIONS = 6


@dataclass(frozen=True)
class Choice:
    """An answer that is one of some options; `right` is its number, and `also` are as right. Options may be names from a file."""

    options: tuple[str, ...]
    right: int
    also: tuple[int, ...] = ()

    def accepts(self, given: float) -> bool:
        """Return whether the option of this number is right."""
        return given == self.right or given in self.also

    @property
    def said(self) -> str:
        """The right answer in words."""
        return self.options[self.right]


@dataclass(frozen=True)
class Number:
    """An answer that is a number, right within a tolerance: it is read off a picture."""

    right: float
    tolerance: float = 0.0

    def accepts(self, given: float) -> bool:
        """Return whether a number is near enough."""
        return abs(given - self.right) <= self.tolerance + 1e-9

    @property
    def said(self) -> str:
        """The right answer in words."""
        return f"{self.right:.4g}"


@dataclass(frozen=True)
class Question:
    """What is asked of this window, where the answer is to be found, and why it is so. No name from a file but in options."""

    words: str
    answer: Choice | Number
    hint: str
    because: str


def largest(names: tuple[str, ...], sizes: np.ndarray) -> Choice:
    """Return the choice of the name with the largest size. Names whose sizes nobody can tell from it are right too."""
    alike = np.flatnonzero(np.isclose(sizes, sizes.max(), rtol=1e-6, atol=0)).tolist()
    right = int(sizes.argmax())
    return Choice(names, right, tuple(one for one in alike if one != right))


def largest_of_many(names: tuple[str, ...], sizes: np.ndarray) -> Choice:
    """Return the same with the names of the largest sizes only, in their own order."""
    kept = sorted(np.argsort(-sizes, kind="stable")[:MOST_OPTIONS].tolist())
    return largest(tuple(names[number] for number in kept), sizes[kept])
