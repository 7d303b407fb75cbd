"""How the page and the browser agree on a view when both may change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

View = TypeVar("View")


@dataclass(frozen=True)
class Report(Generic[View]):
    """The view that the browser last reported. `stamp` tells two reports of the same view apart."""

    view: View
    stamp: int


@dataclass(frozen=True)
class Agreement(Generic[View]):
    """What page and browser last agreed on.

    `order` and `number` are the last view that the browser was told to show. They stay as they are while the visitor
    clicks, because Streamlit sends a message of unchanged bytes as a reference: a click then moves no arrays.
    `heard` is the stamp of the last report that was followed.
    """

    order: View
    number: int
    shown: View
    heard: int | None


def agree(before: Agreement[View] | None, *, wanted: View, report: Report[View] | None) -> Agreement[View]:
    """Return who is followed in this run: a new report before all, else the page when it changed its mind.

    The page says what it wants by a view other than the one that it was last given. In the run of a click it cannot
    yet know of the click, so what it wants then is stale.
    """
    stamp = None if report is None else report.stamp
    if before is None:
        return Agreement(order=wanted, number=0, shown=wanted, heard=stamp)
    if report is not None and stamp != before.heard:
        return replace(before, shown=report.view, heard=stamp)
    if stamp == before.heard and wanted == before.shown:
        return before
    # Either the page wants another view, or the browser was mounted anew and forgot what it had reported.
    return Agreement(order=wanted, number=before.number + 1, shown=wanted, heard=stamp)
