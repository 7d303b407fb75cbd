"""The benchmarks in one run: how cost grows, and that the pages have the tables of what is stored."""

import json

import pytest

from benchmarks.__main__ import PAGES, PLACE, RESULTS, cost_table, measure, part_of, with_tables
from benchmarks.measure import fit_growth
from benchmarks.suite import SECTIONS


def test_the_exponent_is_that_of_the_power_law_and_the_median_over_the_rounds() -> None:
    """3 n^2 in two rounds, 5 n in the third."""
    square, plain = [3.0 * n**2 for n in (1, 2, 4)], [5.0 * n for n in (1, 2, 4)]

    found = fit_growth("a", "steps", (1, 2, 4), [square, plain, square], "s")

    assert (found.low, found.exponent, found.high) == pytest.approx((1, 2, 2)) and found.costs == (3, 12, 48)
    assert found.row == "| a | steps | 1, 2, 4 | 3, 12, 48 s | 2.00 | 1.00 to 2.00 |"


def test_the_pages_have_the_tables_of_the_stored_run_and_a_place_for_each_section() -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    texts = [page.read_text(encoding="utf-8") for page in PAGES]

    assert [with_tables(text, kept) for text in texts] == texts
    assert {place[1] for text in texts for place in PLACE.finditer(text)} == {*SECTIONS, "cost"} and set(kept) <= set(SECTIONS)


def test_a_million_windows_cost_a_million_times_one() -> None:
    """2 ms a prediction are 500 windows a second and 2,000 s, or 0.56 hours."""
    seconds = {"a prediction, hidden 64": 0.002, "an explanation, hidden 64": 0.0072, "a prediction, hidden 256": 0.01,
               "an explanation, hidden 256": 0.036}  # fmt: skip
    empty = {"ratios": [], "growths": [], "load": 0.5, "cores": 2}
    kept = {"windows": empty | {"numbers": [[f"{what}, s of the CPU", one] for what, one in seconds.items()]},
            "long files": empty | {"numbers": [["GB a million rows and windows", 0.5]]}}  # fmt: skip

    assert cost_table(kept).splitlines()[2:] == [
        "| 64 | 500 | 0.56 | 2 |", "| 256 | 100 | 2.8 | 10 |", "", "A million rows and windows take 0.50 GB of memory.",
    ]  # fmt: skip


@pytest.mark.long
def test_a_section_is_measured_and_stands_in_the_file_as_it_was_found() -> None:
    found = json.loads(json.dumps(measure("windows")))

    assert len(part_of(found).numbers) == 4 and all(value > 0 for _, value in part_of(found).numbers)
    assert found["cores"] >= 1 and found["seconds"] > 0
