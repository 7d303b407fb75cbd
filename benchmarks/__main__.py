"""Every table as ratios in one run, and how cost grows: `python -m benchmarks`. Meant for under 20 minutes on two quiet cores.

Each section is written to results/suite.json as it ends. `--keep` leaves what stands there as it is and makes only the rest, so that a run
goes on where it was stopped; `--only model files` makes these anew. At the end the tables of README.md and of docs/scale.md are written
from that file; `--tables` does this alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from benchmarks.measure import GROWTH_HEADER, HEADER, Growth, Ratio
from benchmarks.suite import SECTIONS, Part
from complex_lstm import __version__
from complex_lstm.model.device import core_count

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "suite.json"
PAGES = (HERE / "README.md", HERE.parent / "docs" / "scale.md")
PLACE = re.compile(r"<!-- suite: ([a-z ]+) -->\n(.*?)<!-- end -->", re.DOTALL)
BUSY = 1.5  # programs that wait for a core, beside this one, above which a machine is busy


def measure(name: str) -> dict[str, Any]:
    """Return what a section has found as JSON, with where it ran and how busy the machine was."""
    torch.set_num_threads(1)
    load, start = os.getloadavg()[0], time.perf_counter()
    found = SECTIONS[name]()
    return {
        "version": __version__, "torch": torch.__version__, "python": platform.python_version(), "cores": core_count(),
        "load": round(max(load, os.getloadavg()[0]), 1), "seconds": round(time.perf_counter() - start),
    } | asdict(found)  # fmt: skip


def part_of(kept: dict[str, Any]) -> Part:
    """Return a section as it stands in the file."""
    growths = (Growth(**one | {"sizes": tuple(one["sizes"]), "costs": tuple(one["costs"])}) for one in kept["growths"])
    return Part(tuple(Ratio(**one) for one in kept["ratios"]), tuple(growths), tuple((what, value) for what, value in kept["numbers"]))


def table(kept: dict[str, Any]) -> str:
    """Return the tables of a section in Markdown, with where they were measured."""
    part = part_of(kept)
    blocks = [
        "\n".join([HEADER, *(one.row for one in part.ratios)]) if part.ratios else "",
        "\n".join([GROWTH_HEADER, *(one.row for one in part.growths)]) if part.growths else "",
        "\n".join(["| what | found |\n|---|---|", *(f"| {what} | {value:.3g} |" for what, value in part.numbers)]) if part.numbers else "",
    ]
    where = f"{kept['cores']} cores, torch {kept['torch']}, {kept['seconds']} s"
    if kept["load"] > kept["cores"] + BUSY:
        where += f"; **beside other work, load {kept['load']:.0f}: ratios and exponents only**"
    return "\n\n".join([*filter(None, blocks), f"Measured on {where}."])


def cost_table(kept: dict[str, Any]) -> str:
    """Return what a million windows cost, from the sections on windows and on long files."""
    numbers = {what: value for name in ("windows", "long files") for what, value in part_of(kept[name]).numbers}
    lines = ["| hidden size | windows a second | core hours for a million predictions | for a million explanations |", "|---|---|---|---|"]
    for hidden in (64, 256):
        predicted, explained = (numbers[f"{what}, hidden {hidden}, s of the CPU"] for what in ("a prediction", "an explanation"))
        lines.append(f"| {hidden} | {1 / predicted:,.0f} | {predicted / 0.0036:.2g} | {explained / 0.0036:.2g} |")
    load = max(kept[name]["load"] for name in ("windows", "long files"))
    busy = f" Measured beside other work (load {load:.0f})." if load > kept["windows"]["cores"] + BUSY else ""
    return "\n".join([*lines, "", f"A million rows and windows take {numbers['GB a million rows and windows']:.2f} GB of memory.{busy}"])


def with_tables(text: str, kept: dict[str, Any]) -> str:
    """Return a page with the tables of the sections that are named in its comments."""

    def fill(place: re.Match[str]) -> str:
        name = place[1]
        if name == "cost":
            made = cost_table(kept) if {"windows", "long files"} <= set(kept) else ""
        else:
            made = table(kept[name]) if name in kept else ""
        return f"<!-- suite: {name} -->\n\n{made}\n\n<!-- end -->" if made else place[0]

    return PLACE.sub(fill, text)


def main() -> None:
    """Measure the sections, print their tables, and write them where they stand."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", action="store_true", help="make only the sections that the file lacks")
    options.add_argument("--only", nargs="+", choices=[*SECTIONS], metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    options.add_argument("--tables", action="store_true", help="only write the tables from the file")
    options.add_argument("--out", type=Path, default=RESULTS)
    asked = options.parse_args()
    kept: dict[str, Any] = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.exists() else {}
    for name in () if asked.tables else asked.only or SECTIONS:
        if asked.keep and name in kept:
            continue
        kept[name] = measure(name)
        asked.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(f"\n## {name}\n\n{table(kept[name])}", flush=True)
    if asked.out == RESULTS:
        for page in PAGES:
            page.write_text(with_tables(page.read_text(encoding="utf-8"), kept), encoding="utf-8")


if __name__ == "__main__":
    main()
