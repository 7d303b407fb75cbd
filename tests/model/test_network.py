"""The model's parts, its odd sizes, and what it says of a wrong input."""

import copy

import pytest
import torch

from complex_lstm import ComplexLSTMModel
from complex_lstm.errors import ConfigError, DtypeError, ShapeError
from tests.model.lively import random_windows, remembered, small_model

PARAMETERS = {
    "input_proj": 3_072, "temp_conv1": 395_264, "temp_conv2": 439_296, "fusion_gate": 131_328, "lstm_blocks": 11_045_888,
    "attention_layers": 526_336, "output_heads": 690_441, "ensemble_combiner": 3_331, "gradient_scale": 1,
}  # fmt: skip


def test_each_part_has_the_parameters_that_its_layers_add_up_to() -> None:
    h, lstm = 256, 0
    for inputs in (256, 512):  # two layers, two directions, four gates, two biases each
        lstm += 2 * 4 * h * (inputs + h + 2)

    counted = dict.fromkeys(PARAMETERS, 0)
    for name, value in ComplexLSTMModel().named_parameters():
        counted[name.split(".")[0]] += value.numel()

    assert counted == PARAMETERS and sum(counted.values()) == 13_234_957
    assert counted["input_proj"] == 9 * h + h + 2 * h
    assert counted["lstm_blocks"] == 4 * (lstm + 2 * h * h + h + 2 * h)
    assert counted["attention_layers"] == 2 * 4 * (h * h + h)


def test_the_state_dict_has_the_names_of_the_document() -> None:
    names = set(small_model().state_dict())

    told = {"gradient_scale", "input_proj.0.weight", "input_proj.1.bias", "temp_conv1.convs.0.0.weight",
            "temp_conv2.convs.2.1.running_mean", "temp_conv1.output_proj.weight", "temp_conv1.layer_norm.weight",
            "fusion_gate.0.weight", "lstm_blocks.3.lstm.weight_hh_l1_reverse", "lstm_blocks.0.output_proj.bias",
            "lstm_blocks.0.layer_norm.weight", "attention_layers.0.w_q.weight", "attention_layers.1.w_o.bias",
            "output_heads.2.0.weight", "output_heads.2.3.weight", "ensemble_combiner.0.weight", "ensemble_combiner.3.bias"}  # fmt: skip
    assert told <= names
    assert not any("pos_encoding" in name for name in names)


@pytest.mark.parametrize(("hidden", "widths"), [(256, [85, 85, 86]), (32, [10, 10, 12]), (3, [1, 1, 1])])
def test_channels_are_shared_evenly_and_the_last_scale_takes_the_remainder(hidden: int, widths: list[int]) -> None:
    model = ComplexLSTMModel(hidden_dim=hidden, num_lstm_layers=1, num_heads=1)

    for block, kernels in ((model.temp_conv1, [3, 5, 7]), (model.temp_conv2, [3, 5, 9])):
        assert [conv[0].out_channels for conv in block.convs] == widths
        assert [conv[0].kernel_size[0] for conv in block.convs] == kernels


@pytest.mark.parametrize("dropout", [0.3, 0.1, 0.0])
def test_the_input_projection_and_the_second_layer_of_each_ensemble_head_drop_half_as_much_as_the_rest(dropout: float) -> None:
    model = ComplexLSTMModel(hidden_dim=16, dropout=dropout)

    rates = {name: module.p for name, module in model.named_modules() if isinstance(module, torch.nn.Dropout)}

    halved = {"input_proj.3", "output_heads.0.5", "output_heads.1.5", "output_heads.2.5"}
    assert {rates.pop(name) for name in halved} == {dropout / 2}
    assert "ensemble_combiner.2" in rates and set(rates.values()) == {dropout}


@pytest.mark.parametrize("blocks", [1, 2, 3, 6])
@pytest.mark.parametrize("time", [1, 2, 7])
@torch.no_grad()
def test_any_depth_reads_any_length_one_window_at_a_time(blocks: int, time: int) -> None:
    model = small_model(num_lstm_layers=blocks, hidden_dim=32)
    x = random_windows(3, time, 4)

    together = model(x)

    assert together.shape == (3, 2) and together.isfinite().all()
    assert torch.allclose(together, torch.cat([model(x[i : i + 1]) for i in range(3)]), atol=1e-5)


@torch.no_grad()
def test_the_gradient_scale_multiplies_the_outputs() -> None:
    model = small_model()
    x = random_windows(1, 5, 4)
    before, scale = model(x), float(model.gradient_scale.detach())

    model.gradient_scale.fill_(2 * scale)

    assert torch.allclose(model(x), 2 * before)


@torch.no_grad()
def test_a_forward_pass_leaves_nothing_behind() -> None:
    model = small_model()
    before = remembered(model)

    model(random_windows(2, 6, 4))
    model(random_windows(2, 6, 4), [6, 3])

    assert remembered(model) == before


@torch.no_grad()
def test_a_copy_says_the_same() -> None:
    model = small_model()
    x = random_windows(2, 6, 4)
    model.trace(x)

    twin = copy.deepcopy(model)

    assert torch.equal(twin(x), model(x))


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("shape", [(5, 4), (2, 5, 3), (2, 0, 4), (1, 2, 5, 4)])
def test_a_wrong_shape_is_told_with_the_right_one(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"expected \(batch, time, 4\).*needs a batch axis: x\[None\]") as caught:
        small_model()(torch.zeros(shape))

    assert str(shape) in str(caught.value)


@pytest.mark.parametrize("lengths", [None, []])
@torch.no_grad()
def test_an_empty_batch_gives_an_empty_answer(lengths: list[int] | None) -> None:
    model, nothing = small_model(), torch.zeros(0, 5, 4)

    assert model(nothing, lengths).shape == (0, 2)
    assert model.trace(nothing, lengths).attention.shape == (0, 2, 4, 5, 5)
    assert model.get_feature_importance(nothing, lengths) == []
    assert [tensor.shape for tensor in model.ensemble_head_outputs(nothing, lengths)] == [(0, 3, 2), (0, 2)]


@pytest.mark.parametrize("dtype", [torch.bool, torch.int8, torch.uint8, torch.int16, torch.float16, torch.bfloat16])
@torch.no_grad()
def test_numbers_of_a_type_that_the_weights_hold_exactly_are_converted(dtype: torch.dtype) -> None:
    model, x = small_model(), (10 * random_windows(2, 5, 4)).to(dtype)

    assert torch.equal(model(x), model(x.float()))


@pytest.mark.parametrize("dtype", [torch.float64, torch.int32, torch.int64, torch.complex64])
@torch.no_grad()
def test_numbers_that_would_be_rounded_are_refused(dtype: torch.dtype) -> None:
    with pytest.raises(DtypeError, match=rf"x has numbers of type {dtype}.*Convert: x.to\(torch.float32\)"):
        small_model()(random_windows(2, 5, 4).to(dtype))


def test_half_precision_weights_take_no_larger_numbers() -> None:
    with pytest.raises(DtypeError, match="x has numbers of type torch.float32, the weights torch.bfloat16"):
        small_model().bfloat16()(random_windows(2, 5, 4))


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"hidden_dim": 20}, "hidden_dim 20 does not divide by num_heads 8.*multiple of 8"),
        ({"num_lstm_layers": 0}, "num_lstm_layers is 0, expected 1 or more"),
        ({"hidden_dim": 2, "num_heads": 1}, "hidden_dim is 2, expected 3 or more"),
        ({"dropout": 1.0}, "dropout is 1.0, expected a share"),
    ],
)
def test_sizes_that_no_model_can_have_are_refused(sizes: dict[str, float], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        ComplexLSTMModel(**sizes)
