"""Whose turn it is, where several visitors want something computed.

The next job is of the visitor who has the fewest under way, of these of who was served least recently, and of theirs the first. So
somebody with fifty jobs, in however many tabs, delays another by as long as one forward pass takes, at most: a job that computes steps
aside for that of a visitor who has fewer under way (`is_due`). A job that several visitors want counts as the one's who is served
first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Protocol, TypeVar


class Wanted(Protocol):
    """What is waited for, by the sessions that want it."""

    sessions: frozenset[str]


Work = TypeVar("Work", bound=Wanted)

REMEMBERED = 1000  # visitors whose turns are remembered


class Turns:
    """When each visitor was served. `owner_of` tells whose a session is: one visitor may have several."""

    def __init__(self, owner_of: Callable[[str], str]) -> None:
        self._owner_of = owner_of
        self._served: dict[str, int] = {}  # by visitor, the turn in which they were last served
        self._turn = 0

    def served(self, work: Wanted) -> None:
        """Record that it is this one's turn now: of all visitors who want it."""
        self._turn += 1
        self._served |= dict.fromkeys(self._owners(work), self._turn)
        if len(self._served) > 2 * REMEMBERED:
            self._served = dict(sorted(self._served.items(), key=lambda one: one[1])[-REMEMBERED:])

    def next(self, waiting: Collection[Work], running: Iterable[Wanted]) -> Work | None:
        """Return what has the next turn, None where nothing waits."""
        count = self._count(running)
        return min(waiting, key=lambda one: self._rank(one, count, self._served), default=None)  # of equal ones the first

    def order(self, waiting: Collection[Work], running: Iterable[Wanted]) -> list[Work]:
        """Return what waits in the order of its turns, if nothing else comes and nothing that runs ends."""
        count, served = self._count(running), dict(self._served)
        left, order = list(waiting), list[Work]()
        while left:
            order.append(min(left, key=lambda one: self._rank(one, count, served)))
            left.remove(order[-1])
            count.update(self._owners(order[-1]))
            served |= dict.fromkeys(self._owners(order[-1]), self._turn + len(order))
        return order

    def under_way(self, work: Wanted, running: Iterable[Wanted]) -> int:
        """Return how many of those that run are of the visitor who wants this, of several of the one who has the fewest."""
        return self._rank(work, self._count(running), {})[0]

    def is_due(self, work: Wanted, waiting: Iterable[Wanted], running: Collection[Wanted]) -> bool:
        """Return whether something waits for which this, which runs, should step aside."""
        own = self.under_way(work, running)
        return any(self.under_way(one, running) < own for one in waiting)

    def _owners(self, work: Wanted) -> set[str]:
        return {self._owner_of(session) for session in work.sessions}

    def _count(self, running: Iterable[Wanted]) -> Counter[str]:
        return Counter(owner for work in running for owner in self._owners(work))

    def _rank(self, work: Wanted, count: Counter[str], served: dict[str, int]) -> tuple[int, int]:
        return min(((count[one], served.get(one, 0)) for one in self._owners(work)), default=(0, 0))
