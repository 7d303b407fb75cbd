"""What stands in the lines of single boxes, against the model's own modules or by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from complex_lstm.arithmetic import SITES, Constant, Derivation, Line, Ref, Sum
from tests.arithmetic.looked_into import sample, small


def sum_in(working: Derivation, symbol: str) -> Sum:
    return next(line for line in working.lines if isinstance(line, Sum) and line.symbol == symbol)


def result_of(working: Derivation, symbol: str) -> float:
    return next(line.result for line in working.formatted() if line.line.symbol == symbol)


def more_in_first_term(working: Derivation, symbol: str, more: float) -> Derivation:
    """Return the working with the first term of one of its sums worth more."""
    line = sum_in(working, symbol)
    first = line.terms[0]
    changed = replace(line, terms=(replace(first, a=first.a + more / first.b), *line.terms[1:]))
    return replace(working, lines=tuple(changed if one is line else one for one in working.lines))


def test_a_term_worth_more_makes_what_was_attended_worth_exactly_that_more() -> None:
    working = small().derive("Attended", 1, 3, 5)

    changed = more_in_first_term(working, "s", 0.25)

    assert changed.recomputed() - working.recomputed() == pytest.approx(0.25, abs=1e-12)


def test_a_term_worth_more_goes_through_the_lines_after_it() -> None:
    looked = small()
    gate, mean, combined = looked.derive("Fusion gate", 2, 3), looked.derive("Pooling", 0, 3), looked.derive("Combiner", 1)
    logit, scale = math.log(gate.recomputed() / (1 - gate.recomputed())), looked.model.gradient_scale.item()

    changed = [more_in_first_term(working, symbol, 0.25).recomputed() for working, symbol in ((gate, "s"), (mean, "s"), (combined, "s_2"))]

    assert changed[0] == pytest.approx(1 / (1 + math.exp(-logit - 0.25)), abs=1e-12)
    assert changed[1] - mean.recomputed() == pytest.approx(0.25 / 9, abs=1e-12)  # over 9 steps
    assert changed[2] - combined.recomputed() == pytest.approx(0.25 * scale, abs=1e-6)


def test_the_terms_of_the_input_projection_are_the_features_with_their_weights() -> None:
    looked = sample("nyc_weather")
    linear, norm = looked.model.input_proj[0], looked.model.input_proj[1]

    working = looked.derive("Input projection", 7, 12, window=1, most=len(looked.features))

    terms = {term.name: (term.a, term.b) for term in sum_in(working, "s").terms}
    for number, name in enumerate(looked.features):
        assert terms[name] == pytest.approx((looked.x[1, 7, number].item(), linear.weight[12, number].item()), rel=1e-6)
    assert result_of(working, "y") == pytest.approx(norm(linear(looked.x[1, 7]))[12].item(), abs=1e-5)
    assert working.name == "projected, step 7, channel 12"


def test_positions_follow_the_formula() -> None:
    looked = small()

    working = looked.derive("Positions", 5, 7)

    assert result_of(working, "w") == pytest.approx(math.cos(5 / 10000 ** (6 / 16)), abs=1e-6)  # single precision
    assert working.formatted()[0].in_digits.startswith(r"\varphi = \frac{5}{10000^{6 / 16}} = 0.158")


@pytest.mark.parametrize(("step", "channel"), [(900, 0), (1777, 3), (2999, 0), (2999, 1), (2999, 2), (2999, 15)])
def test_positions_of_late_steps_are_worked_out_with_the_angle_that_the_model_has(step: int, channel: int) -> None:
    """In double precision the angle of step 2999 is another by more than 1e-5, and correct arithmetic was called wrong."""
    working = small(steps=3000, num_lstm_layers=1, num_heads=2).derive("Positions", step, channel)

    assert working.agrees and working.recomputed() == pytest.approx(working.traced, abs=2e-6)
    turned = next(line for line in working.formatted() if line.line.symbol in (r"\psi", r"\varphi") and abs(line.result) < 7)
    in_digits = float(turned.in_digits.rsplit("= ", 1)[1].replace(r" \cdot 10^{", "e").rstrip("}"))
    wave = math.cos(in_digits) if channel % 2 else math.sin(in_digits)
    assert wave == pytest.approx(result_of(working, "w"), abs=5e-6)  # from the digits that are written
    assert result_of(working, "w") == pytest.approx(
        (math.cos if channel % 2 else math.sin)(step / 10000 ** ((channel - channel % 2) / 16)), abs=1e-3
    )


def test_every_box_of_a_long_window_comes_to_what_the_model_computed() -> None:
    looked = small(steps=3000, num_lstm_layers=1, num_heads=2)

    for kind in (kind for kind in SITES if "attention layer" not in [axis.name for axis in kind.axes]):
        end: tuple[int, ...] = ()
        for axis in kind.axes:
            end += (len(axis.choices(looked.model, 3000, end)) - 1,)
        assert looked.derive(kind.name, *end).agrees, kind.name


def test_a_convolution_at_the_edge_shows_the_zeros_beyond_it() -> None:
    looked = small()

    at_the_edge, inside = (looked.derive("Convolution scale", 1, 2, step, 5) for step in (1, 4))

    padding = sum_in(at_the_edge, "o")  # kernel 9 reaches 4 steps back: from step 1 to step -3
    assert {term.name for term in padding.terms} == {f"step {step}, beyond the window: 16 zeros" for step in (-3, -2, -1)}
    assert all(term.a == 0 and term.b != 0 for term in padding.terms) and result_of(at_the_edge, "o") == 0
    assert all(line.symbol != "o" for line in inside.lines) and len(inside.lines) == len(at_the_edge.lines) - 1


def test_a_convolution_sees_zeros_after_its_own_last_step_in_a_padded_batch() -> None:
    working = small(lengths=[9, 4]).derive("Convolution scale", 0, 1, 3, 0, window=1)

    assert {term.name[:6] for term in sum_in(working, "o").terms} == {"step 4", "step 5"}  # kernel 5 reaches 2 steps on


def test_the_gates_are_those_that_make_the_cell() -> None:
    looked = sample("japanese_vowels")

    working = looked.derive("LSTM cell", 2, 1, 1, 4, 30, window=2)

    i, f, g, o, c, h = (result_of(working, symbol) for symbol in "ifgoch")
    before = next(operand for line in working.lines if isinstance(line, Line) and line.symbol == "c" for operand in line.operands[1:2])
    assert isinstance(before, Constant) and before.name == "cell state before"
    assert c == pytest.approx(f * before.value + i * g) and h == pytest.approx(o * math.tanh(c))
    assert min(i, f, o) > 0 and max(i, f, o) < 1 and -1 < g < 1


@pytest.mark.parametrize(("direction", "step"), [(0, 0), (1, 3)])
def test_a_reading_begins_with_nothing_at_its_own_end(direction: int, step: int) -> None:
    working = small(lengths=[9, 4]).derive("LSTM cell", 0, 0, direction, step, 2, window=1)

    begin = next(line for line in working.lines if isinstance(line, Line) and line.symbol == "c").operands[1]
    assert begin == Constant("cell state before", "c'", 0.0)
    assert all(term.a == 0 for term in sum_in(working, "r_i").terms)


def test_the_denominator_is_of_the_whole_row() -> None:
    looked = small()

    shares = [looked.derive("Attention weight", 0, 2, 5, key).recomputed() for key in range(9)]

    assert sum(shares) == pytest.approx(1, abs=1e-6)
    assert shares == pytest.approx(looked.trace.attention[0, 0, 2, 5].tolist(), abs=1e-6)


def test_the_largest_score_of_a_row_is_raised_to_one() -> None:
    looked = small()
    top = int(looked.trace.attention[0, 0, 2, 5].argmax())

    working = looked.derive("Attention weight", 0, 2, 5, top)

    assert result_of(working, "u") == 1
    assert looked.derive("Attention weight", 0, 2, 5, (top + 1) % 9).lines[2].operands[1].name == f"largest score, of key step {top}"


def test_the_max_pool_names_the_largest_step_and_the_second_largest() -> None:
    looked = small()
    h = looked.trace.attended[-1][0, :, 3]
    best, second = h.argsort(descending=True)[:2].tolist()

    largest, last = looked.derive("Pooling", 1, 3).lines[0], looked.derive("Pooling", 2, 3).lines[0]

    assert [operand.name for operand in largest.operands] == [f"largest, step {best}", f"second largest, step {second}"]
    assert [operand.name for operand in last.operands] == ["step 8"]


def test_a_window_of_one_step_has_no_runner_up() -> None:
    looked = small(steps=1)

    working = looked.derive("Pooling", 1, 3)

    assert len(working.lines[0].operands) == 1
    assert working.recomputed() == pytest.approx(looked.trace.attended[-1][0, 0, 3].item(), abs=1e-5)


@torch.no_grad()
def test_the_hidden_units_of_an_ensemble_head_are_the_models_own() -> None:
    looked = sample("planted_order")
    head = looked.model.output_heads[2]
    pooled = torch.cat([looked.trace.pooled_mean, looked.trace.pooled_max, looked.trace.pooled_last], dim=-1)[0]
    first = head[1](head[0](pooled))
    second = head[4](head[3](first))

    working = looked.derive("Ensemble head", 2, 1, most=64)

    units = {term.name: term.a for symbol in ("s_2", "s_3") for term in sum_in(working, symbol).terms}
    for layer, hidden in ((1, first), (2, second)):
        known = [
            (units[f"unit {n} of layer {layer}"], value) for n, value in enumerate(hidden.tolist()) if f"unit {n} of layer {layer}" in units
        ]
        assert len(known) == len(hidden) - 1  # all but the one that is worked out
        assert all(found == pytest.approx(value, abs=1e-5) for found, value in known)
        assert np.isclose(hidden.numpy(), result_of(working, f"a_{layer}"), atol=1e-5).any()


def test_the_combiner_weighs_the_ensemble_heads_by_name() -> None:
    working = sample("nyc_weather").derive("Combiner", 1, most=9)

    names = {term.name for term in sum_in(working, "s").terms}
    assert names == {f"ensemble head {ensemble_head}, {output}" for ensemble_head in (1, 2, 3) for output in ("temp", "humid", "pressure")}
    assert working.lines[-1].operands[0] == Ref("z_2") and working.name == "prediction, humid"
