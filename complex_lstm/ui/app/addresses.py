"""The pages, their addresses, and where the addresses of version 0.1 lead today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Section = Literal["Work", "Model", "Learn"]


@dataclass(frozen=True)
class PageEntry:
    """A page in the navigation. `stem` names its script and its address; `has_window` says whether it looks at one window."""

    stem: str
    title: str
    icon: str
    section: Section
    has_window: bool = True
    explains_model: bool = False


PAGES = (
    PageEntry("start", "Start", "🏠", "Work", has_window=False),
    PageEntry("data", "Data", "📄", "Work", has_window=False),
    PageEntry("train", "Train", "🏋️", "Work", has_window=False),
    PageEntry("explain", "Explain", "🔍", "Model", explains_model=True),
    PageEntry("experiment", "Experiment", "🧪", "Model", explains_model=True),
    PageEntry("check", "Check", "⚖️", "Model", explains_model=True),
    PageEntry("tour", "Guided tour", "🧭", "Learn"),
    PageEntry("about", "About the model", "📖", "Learn"),
)

CLASS = PageEntry("class", "Class", "🏫", "Work", has_window=False)  # only where the server teaches one

CHECKS = ("faithfulness", "sanity", "attention", "known", "overall")  # views of the old page "importance" that are on Check today
MOVED: Mapping[str, tuple[str, str]] = {  # an old page: the page that has it today, and what is in focus there
    "predict": ("explain", "prediction"),
    "attention": ("explain", "attention"),
    "fusion_gate": ("explain", "gate"),
    "ensemble": ("explain", "heads"),
    "importance": ("explain", "importance"),
    "what_if": ("experiment", "edit"),
    "bench": ("experiment", "switch"),
    "compare": ("experiment", "compare"),
    "claims": ("about", ""),
}


def todays_address(stem: str, parameters: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the page and the parameters of an address, an old one at its new place with the view kept."""
    if stem not in MOVED:
        return stem, dict(parameters)
    if stem == "importance" and parameters.get("view") in CHECKS:
        return "check", dict(parameters)
    page, focus = MOVED[stem]
    if stem == "what_if" and "method" in parameters:  # the old page had every view on it, below each other
        parameters = {"view": "explanation"} | dict(parameters)
    return page, dict(parameters) | ({"focus": focus} if focus else {})
