"""Lines by hand: what they come to, and how they are written."""

from dataclasses import FrozenInstanceError, replace

import pytest

from complex_lstm.arithmetic import Constant, Derivation, Line, OmittedTerms, Ref, Sum, Term
from complex_lstm.arithmetic.operations import ADD, BLEND, LARGEST, NORMALISE, RELU, SIGMOID, Operation, as_written, digits

SUM = Sum("s", "added up", r"\sum_j W_j x_j", (Term("a", 0.5, 3.0), Term("b", -2.0, 4.0), Term("c", 0.25, 1.0)), OmittedTerms(0, 0.0))
WORKING = Derivation(
    site="Toy",
    name="toy",
    formula="z = s + b",
    lines=(SUM, Line("z", "with the bias", ADD, (Ref("s"), Constant("bias", "b", 10.0)))),
    traced=3.75,
    source="complex_lstm.model.ensemble:last_step",
)


def test_the_lines_come_to_what_they_show() -> None:
    # 0.5 * 3 - 2 * 4 + 0.25 = -6.25, and 10 more
    assert [line.result for line in WORKING.formatted()] == [-6.25, 3.75]
    assert WORKING.recomputed() == 3.75 and WORKING.agrees


def test_the_lines_are_written_in_symbols_and_in_digits() -> None:
    first, second = WORKING.formatted()

    assert first.in_symbols == r"s = \sum_j W_j x_j"
    assert first.in_digits == r"s = 0.5 \cdot 3 + (-2) \cdot 4 + 0.25 = -6.25"
    assert (second.in_symbols, second.in_digits) == ("z = s + b", "z = (-6.25) + 10 = 3.75")


def test_the_largest_terms_are_kept_and_the_others_added_up() -> None:
    short = SUM.shortened(1)

    assert short.terms == (Term("b", -2.0, 4.0),) and short.omitted == OmittedTerms(2, 1.75)
    assert short.omitted.name == "the other 2 terms" and SUM.shortened(2).omitted.name == "the other term"
    assert short.evaluate({}) == SUM.evaluate({}) == -6.25
    assert short.in_digits({}) == r"(-2) \cdot 4 + \underbrace{1.75}_{\text{the other 2 terms}}"


def test_shortening_twice_loses_nothing() -> None:
    assert SUM.shortened(2).shortened(1) == SUM.shortened(1)
    assert SUM.shortened(0).omitted == OmittedTerms(3, -6.25)


def test_a_sum_without_terms_is_zero() -> None:
    nothing = Sum("s", "nothing", "0", (), OmittedTerms(0, 0.0))

    assert nothing.evaluate({}) == 0 and nothing.in_digits({}) == "0"


def test_a_corrupted_term_changes_the_result_by_exactly_its_product() -> None:
    spoilt = replace(SUM, terms=(Term("a", 0.75, 3.0), *SUM.terms[1:]))

    changed = replace(WORKING, lines=(spoilt, WORKING.lines[1]))

    assert changed.recomputed() - WORKING.recomputed() == 0.75 and not changed.agrees  # 0.25 more, times 3


@pytest.mark.parametrize(("traced", "agrees"), [(3.75003, True), (3.7501, False), (3.75, True)])
def test_it_agrees_to_the_hundred_thousandth_part(traced: float, agrees: bool) -> None:
    assert replace(WORKING, traced=traced).agrees == agrees


@pytest.mark.parametrize(
    ("operation", "values", "result", "written"),
    [
        (BLEND, (0.25, 4.0, -8.0), -5.0, r"0.25 \cdot 4 + (1 - 0.25) \cdot (-8)"),
        (LARGEST, (-1.0, -3.0), -1.0, r"\max(-1,\ -3)"),
        (NORMALISE, (-1.0, -3.0, 3.5, 0.5), 1.0, r"\frac{-1 - (-3)}{\sqrt{3.5 + 0.5}}"),
        (RELU, (-2.0,), 0.0, r"\max(0,\ -2)"),
        (SIGMOID, (0.0,), 0.5, r"\frac{1}{1 + e^{-0}}"),
        (SIGMOID, (-800.0,), 0.0, r"\frac{1}{1 + e^{-(-800)}}"),
    ],
)
def test_an_operation_is_computed_and_written(operation: Operation, values: tuple[float, ...], result: float, written: str) -> None:
    assert operation.compute(*values) == pytest.approx(result)
    assert operation.write([digits(value) for value in values]) == written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.0, "7"),
        (-0.12345678, "-0.1234568"),
        (1e-5, r"1 \cdot 10^{-5}"),
        (-2.5e-9, r"-2.5 \cdot 10^{-9}"),
        (-0.0, "0"),
        (10000.0, "10000"),
    ],
)
def test_numbers_have_seven_digits(value: float, text: str) -> None:
    assert digits(value) == text


def test_a_number_is_carried_on_as_it_is_written() -> None:
    assert as_written(0.123456789) == 0.1234568 and digits(as_written(2 / 3)) == digits(2 / 3) == "0.6666667"


def test_the_code_is_that_of_the_model() -> None:
    assert (
        WORKING.code.startswith("def last_step(")
        and "Return the hidden state at each window's last step that is no padding." in WORKING.code
    )


def test_a_working_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        WORKING.traced = 1.0
