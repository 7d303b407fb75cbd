"""Weights that do not tell their attention heads: the number is asked for, what follows from each is shown, and the choice is kept."""

import io

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm import load_checkpoint
from complex_lstm.config import to_json
from complex_lstm.model.checkpoint import BareCheckpoint, head_choices, with_num_heads
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.visitor import open_workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, finished

SAMPLE = SAMPLES["planted_shape"]


def weights_alone() -> str:
    """Keep the weights of a shipped model as an engineer has them, and return their key."""
    content = io.BytesIO()
    torch.save({"state_dict": load_checkpoint(SAMPLE.checkpoint).model.state_dict()}, content)
    return open_workspace().keep("model", content.getvalue(), "trained.ckpt", suffix=".ckpt").key


def opened(show: Show) -> AppTest:
    """Show Check with those weights on their data, with the columns and the scaling that they were trained with."""
    whole = load_checkpoint(SAMPLE.checkpoint)
    setup = Setup(whole.schema.roles, whole.window, whole.split, scaling=whole.scaling, classes=whole.schema.classes)
    key = open_workspace().keep("setup", to_json(setup).encode(), "setup").key
    app = show("check", data="planted_shape", model=weights_alone(), setup=key)
    finished(app)
    return app


@pytest.mark.long
def test_each_choice_is_shown_with_its_error_which_is_least_with_the_true_one_here(show: Show) -> None:
    app = opened(show)
    true = load_checkpoint(SAMPLE.checkpoint).model.config
    app.button(key="head_count_start").click().run()
    finished(app)

    table = next(one.value for one in app.dataframe if "attention heads" in one.value)

    assert tuple(table["attention heads"]) == head_choices(true.hidden_dim)
    assert (table["attention heads"] * table["channels of each"] == true.hidden_dim).all()
    errors = table["mean error"].astype(float)
    assert table["attention heads"][errors.idxmin()] == true.num_heads
    assert f"least with {true.num_heads}" in all_words(app) and "a hint and no proof" in all_words(app)
    assert "How many attention heads has trained.ckpt?" in all_words(app).replace("\\", "")


@pytest.mark.long
def test_the_choice_is_kept_as_given_and_nothing_is_asked_again(show: Show) -> None:
    app = opened(show)
    before = app.query_params["model"]
    box = next(one for one in app.selectbox if one.key.startswith("head_count"))
    assert box.value is None and app.button(key="head_count_use").disabled

    box.set_value(4).run()
    app.button(key="head_count_use").click().run()
    finished(app)

    assert app.query_params["model"] != before and not app.exception and not app.error
    kept = cache.checkpoint(app.query_params["model"])
    assert kept.model.config.num_heads == 4 and kept.given == ("num_heads",)
    assert "How many attention heads" not in all_words(app)


def test_a_model_without_data_is_asked_too_and_its_card_says_who_gave_the_number(show: Show) -> None:
    app = show("explain", model=weights_alone())
    assert "How many attention heads" in all_words(app)

    next(one for one in app.selectbox if one.key.startswith("head_count")).set_value(2).run()
    app.button(key="head_count_use").click().run()

    assert not app.exception and "How many attention heads" not in all_words(app)
    sizes = next(one.value for one in app.dataframe if "from" in one.value).set_index("size")
    assert sizes.loc["Attention heads", "from"] == "given by you" and sizes.loc["Attention heads", "value"] == "2"


def test_a_checkpoint_that_tells_its_heads_is_not_asked(show: Show) -> None:
    app = show("explain", data="planted_order", model="planted_order")

    assert not app.exception and "How many attention heads" not in all_words(app)


@pytest.mark.parametrize("heads", [1, 2, 4])
@torch.no_grad()
def test_other_heads_share_the_weights_and_change_the_outputs(heads: int) -> None:
    whole = load_checkpoint(SAMPLE.checkpoint)
    bare = BareCheckpoint(whole.model, guessed=("num_heads", "dropout"))
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 50, whole.model.config.input_dim)).astype("float32"))

    other = with_num_heads(bare, heads)

    assert other.model.fusion_gate[0].weight.data_ptr() == whole.model.fusion_gate[0].weight.data_ptr()
    assert torch.equal(other.model(x), whole.model(x)) == (heads == whole.model.config.num_heads)
    assert (other.guessed, other.given) == (("dropout",), ("num_heads",))
