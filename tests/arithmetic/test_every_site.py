"""The numbers that are shown come to what the model computed, for every kind of box."""

import math
import pickle
from dataclasses import replace

import pytest
import torch

from complex_lstm.arithmetic import INPUT, SITES, Constant, Derivation, Line, SiteKind, Sum, Term, ValueIndex, derive
from tests.arithmetic.looked_into import SAMPLES, Looked, kind_named, sample, small
from tests.model.lively import remembered

USUAL = ("nyc_weather", "planted_order")
every_kind = pytest.mark.parametrize("kind", SITES, ids=lambda kind: kind.name)


def at(looked: Looked, place: ValueIndex) -> Derivation:
    return looked.derive(place.site, *place.at, window=place.window)


def as_near(value: float) -> object:
    return pytest.approx(value, rel=1e-5, abs=1e-5 if abs(value) < 1 else 0)


@pytest.mark.parametrize("name", [one if one in USUAL else pytest.param(one, marks=pytest.mark.long) for one in SAMPLES])
@every_kind
def test_the_shown_numbers_come_to_the_traced_value(kind: SiteKind, name: str) -> None:
    looked = sample(name)

    for place in looked.places(kind, 5):
        working = at(looked, place)

        assert working.recomputed() == as_near(working.traced), working.name
        assert working.agrees and working.site == kind.name


@every_kind
def test_windows_of_unequal_length_are_worked_out_from_their_own_steps(kind: SiteKind) -> None:
    looked = small(lengths=[9, 1, 4])

    for place in looked.places(kind, 12):
        working = at(looked, place)

        assert working.recomputed() == as_near(working.traced), working.name


@every_kind
def test_a_window_among_longer_ones_is_worked_out_as_alone(kind: SiteKind) -> None:
    together = small(lengths=[4, 9])
    x = together.x[:1, :4]
    alone = Looked(together.model, together.model.trace(x), x)

    for place in alone.places(kind, 8):
        assert at(alone, place).recomputed() == as_near(at(together, place).recomputed())


@every_kind
def test_the_largest_terms_and_the_others_are_the_whole_sum(kind: SiteKind) -> None:
    looked = sample("nyc_weather")

    for place in looked.places(kind, 2):
        whole = looked.derive(place.site, *place.at, window=place.window, most=10_000)
        shown = at(looked, place)

        for every, few in zip(whole.lines, shown.lines, strict=True):
            if isinstance(every, Sum) and isinstance(few, Sum):
                products = sorted((abs(term.product) for term in every.terms), reverse=True)
                assert len(few.terms) == min(6, len(every.terms)) and len(few.terms) + few.omitted.count == len(every.terms)
                assert [abs(term.product) for term in few.terms] == products[:6]
                added = math.fsum(term.product for term in few.terms) + few.omitted.product
                assert added == pytest.approx(math.fsum(term.product for term in every.terms), abs=1e-5)


@every_kind
def test_a_corrupted_number_is_noticed(kind: SiteKind) -> None:
    """Whatever comes first on the page is what the rest is made of."""
    looked = sample("nyc_weather")
    working = next(found for place in looked.places(kind, 100) if 0.02 < (found := at(looked, place)).traced < 0.9)

    spoilt = replace(working, lines=(spoil(working.lines[0]), *working.lines[1:]))

    assert working.agrees and not spoilt.agrees


def spoil(line: Sum | Line) -> Sum | Line:
    """Return the line with its first number one higher."""
    if isinstance(line, Sum):
        first = line.terms[0]
        return replace(line, terms=(replace(first, a=first.a + 1), *line.terms[1:]))
    first = line.operands[0]
    assert isinstance(first, Constant)
    return replace(line, operands=(replace(first, value=first.value + 1), *line.operands[1:]))


@pytest.mark.parametrize("model", [small(), small(num_lstm_layers=5, num_heads=2), small(steps=1), small(num_lstm_layers=2, output_dim=1)])
@every_kind
def test_both_ends_of_every_axis_exist(kind: SiteKind, model: Looked) -> None:
    first = tuple(0 for _ in kind.axes)
    last: tuple[int, ...] = ()
    for axis in kind.axes:
        last += (len(axis.choices(model.model, model.x.shape[1], last)) - 1,)

    assert at(model, ValueIndex(kind.name, first)).agrees and at(model, ValueIndex(kind.name, last)).agrees


def test_the_kinds_stand_in_the_order_of_the_architecture() -> None:
    assert [kind.name for kind in SITES] == [
        "Input projection", "Positions", "Convolution scale", "Convolution stage", "Fusion gate", "Fused", "LSTM cell", "BiLSTM block",
        "Query", "Key", "Value", "Attention weight", "Head output", "Attended", "Pooling", "Hidden unit", "Ensemble head", "Combiner unit",
        "Combiner",
    ]  # fmt: skip


def test_the_choices_are_called_as_the_figures_call_them() -> None:
    model = small(steps=3).model

    def names(kind: str, axis: int, *chosen: int) -> list[str]:
        return kind_named(kind).axes[axis].choices(model, 3, chosen)

    assert names("Input projection", 0) == ["step 0", "step 1", "step 2"]
    assert names("Input projection", 1)[12] == "channel 12"
    assert names("Convolution scale", 1, 1) == ["kernel 3", "kernel 5", "kernel 9"]
    assert [len(names("Convolution scale", 3, 0, scale, 0)) for scale in range(3)] == [5, 5, 6]  # 16 channels shared out
    assert names("LSTM cell", 0) == ["BiLSTM block 1", "BiLSTM block 2", "BiLSTM block 3", "BiLSTM block 4"]
    assert names("LSTM cell", 1) + names("LSTM cell", 2) == ["LSTM layer 1", "LSTM layer 2", "forward", "backward"]
    assert names("Attention weight", 1, 0)[0] == "attention head 1" and names("Attended", 0) == ["attention layer 1", "attention layer 2"]
    assert names("Pooling", 0) == ["mean", "max", "last step"]
    assert names("Ensemble head", 0)[2] == "ensemble head 3" and names("Combiner", 0) == ["output 0", "output 1"]


@every_kind
def test_every_line_is_ready_for_the_page(kind: SiteKind) -> None:
    looked = sample("japanese_vowels")

    for place in looked.places(kind, 3):
        working = at(looked, place)
        latex = [working.formula, *(text for line in working.formatted() for text in (line.in_symbols, line.in_digits))]

        assert all(text.count("{") == text.count("}") and "$" not in text for text in latex)
        assert len({line.symbol for line in working.lines}) == len(working.lines)
        assert working.formatted()[-1].result == working.recomputed()
        assert "def " in working.code


@every_kind
def test_names_from_a_file_never_stand_in_latex(kind: SiteKind) -> None:
    plain = small()
    hostile = replace(plain, features=tuple(f"![](http://x/{n}) $" for n in range(4)), outputs=("<b>$", "}{"))

    for place in hostile.places(kind, 3):
        for named, numbered in zip(at(hostile, place).formatted(), at(plain, place).formatted(), strict=True):
            assert (named.in_symbols, named.in_digits, named.line.label) == (numbered.in_symbols, numbered.in_digits, numbered.line.label)


@pytest.mark.long
@every_kind
def test_every_value_in_the_lines_is_derived_where_it_was_computed_and_so_down_to_the_input(kind: SiteKind) -> None:
    """Each origin derives the number that stands in the line; along the first of them the way ends at the window."""
    looked = sample("japanese_vowels")

    for place in looked.places(kind, 1):
        ways = 0
        while place.site != INPUT:
            working, ways = at(looked, place), ways + 1
            given = {of: a for line in working.lines if isinstance(line, Sum) for term in line.terms for of, a in of_term(term)}
            given |= {one.of: one.value for line in working.lines if isinstance(line, Line) for one in line.operands if of_line(one)}
            assert given and ways < 100 and {of for _, of in working.origins} == set(given)
            for of, value in given.items():
                assert of.window == place.window
                if ways == 1 and "LSTM" not in of.site:  # the cell state before and the exponentials are lines on the way to their place
                    assert near_one_of(looked, of, value), (working.name, of)
            place = next(iter(given))


def of_term(term: Term) -> list[tuple[ValueIndex, float]]:
    return [(of, value) for of, value in ((term.of_a, term.a), (term.of_b, term.b)) if of is not None]


def of_line(operand: object) -> bool:
    return isinstance(operand, Constant) and operand.of is not None


def near_one_of(looked: Looked, of: ValueIndex, value: float) -> bool:
    """Return whether a value is that of its place, or of a line on the way to it."""
    if of.site == INPUT:
        return value == pytest.approx(float(looked.x[of.window, of.at[0], of.at[1]]), rel=1e-5, abs=1e-6)
    results = [line.result for line in at(looked, of).formatted()]
    return any(value == pytest.approx(result, rel=1e-4, abs=1e-5) for result in results)


def test_a_working_can_be_kept() -> None:
    """Streamlit's cache pickles what it keeps."""
    looked = small()

    for kind in SITES:
        working = at(looked, next(looked.places(kind, 1)))
        assert pickle.loads(pickle.dumps(working)) == working


def test_looking_leaves_the_model_and_the_random_numbers_alone() -> None:
    looked = small(lengths=[9, 4])
    before, drawn = remembered(looked.model), torch.get_rng_state()

    for kind in SITES:
        for place in looked.places(kind, 2):
            derive(looked.model, looked.trace, looked.x, place)

    assert remembered(looked.model) == before and torch.equal(torch.get_rng_state(), drawn)
