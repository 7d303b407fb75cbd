"""Windows longer than a page can hold all attention weights of: what is sent stays bounded, and nothing breaks."""

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.compute import attention, cache
from complex_lstm.ui.session import scene as session_scene
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, drawn, finished
from tests.ui.own_file import OwnFile, keep_own

MOST_SENT = 8_000_000  # bytes


def bytes_sent(app: AppTest) -> int:
    """Return the bytes of all that a page has sent to the browser."""
    return sum(one.proto.ByteSize() for one in app.main if getattr(one, "proto", None) is not None)


def keep_long(steps: int) -> OwnFile:
    return keep_own(("a", "b", "c"), length=steps, steps=4 * steps, num_heads=8, num_lstm_layers=4)


def test_attention_of_512_steps_is_shown_in_a_third_of_what_its_weights_are(show: Show) -> None:
    own = keep_long(512)

    app = show("attention", data=own.data, model=own.model, window=1, layer=0, head=2, query=17, key=300)

    assert not app.exception and not app.error
    assert 4e6 < bytes_sent(app) < 7e6
    assert "to 1/255 of each head's largest weight; the numbers are exact" in all_words(app)
    assert "Download the weights of query step 17 in every head" in app.get("download_button")[-1].proto.label


@pytest.mark.long
@pytest.mark.parametrize("focus", ["", "attention", "gate", "heads", "importance", "prediction"])
def test_no_pane_of_explain_sends_more_than_eight_megabytes_of_2048_steps(show: Show, focus: str) -> None:
    own = keep_long(2048)

    app = show("explain", data=own.data, model=own.model, window=1, focus=focus)

    assert not app.exception and not app.error
    assert bytes_sent(app) < MOST_SENT


@pytest.mark.long
@pytest.mark.parametrize("view", ["attention", "series", "gate", "inside", "importance"])
def test_two_windows_of_2048_steps_are_compared_within_eight_megabytes(show: Show, view: str) -> None:
    own = keep_long(2048)

    app = show("experiment", data=own.data, model=own.model, window=1, focus="compare", versus="window", other=0, view=view)

    assert not app.exception and not app.error
    assert bytes_sent(app) < MOST_SENT


def test_the_maps_of_a_longer_window_are_made_on_request_with_the_time_told(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (attention, session_scene):
        monkeypatch.setattr(place, "AT_ONCE", 40)
    own = keep_own(length=48, steps=200, num_heads=2)

    app = show("attention", data=own.data, model=own.model, window=1)

    assert "has 48 steps. One pass of the model over it takes about 0 s here" in all_words(app)
    assert not charts(app) and not app.get("bidi_component")[1:]
    app.button(key="long_trace_start").click().run()
    finished(app)
    assert "48 steps have 4,608 attention weights" in all_words(app) and "can be stopped at any time" in all_words(app)
    assert not charts(app)
    app.button(key="attention_maps_start").click().run()
    assert "attention_received" in charts(finished(app))


def test_the_tour_of_a_long_window_says_how_far_it_goes_and_offers_the_planted_one(show: Show) -> None:
    own = keep_own(length=1024, steps=5000, num_heads=4)

    app = show("tour", data=own.data, model=own.model, window=0)

    assert not app.exception and "goes up to 707 steps, and this window has 1,024" in all_words(app)
    assert any(one.key == "tour_planted_for_long" for one in app.button)


def test_a_long_gate_is_drawn_in_means_of_steps_until_a_stretch_is_chosen(show: Show) -> None:
    own = keep_own(length=2100, steps=8400)
    app = show("explain", data=own.data, model=own.model, window=1, focus="gate")

    assert drawn(app, "fusion_gate_map")[0]["z"].shape == (8, 1050)
    assert "a mean of up to 2 steps" in all_words(app)
    app.slider(key="fusion_gate_steps_2100").set_value((100, 399)).run()

    heat = drawn(app, "fusion_gate_map")[0]
    scene = chosen_scene(Selection.of(data=own.data, model=own.model, window=1))
    exact = cache.window_trace(scene.keys, scene.number).gate[0, 100:400].numpy()
    order = [int(channel) for channel in heat["y"]]
    assert heat["z"] == pytest.approx(exact.T[order]) and "a mean of up to" not in all_words(app)


@pytest.mark.long
@pytest.mark.parametrize(
    ("page", "choice"),
    [
        ("explain", {}),
        ("explain", {"focus": "importance"}),
        ("experiment", {}),
        ("experiment", {"focus": "compare", "versus": "window", "other": 0, "view": "series"}),
        ("check", {}),
        ("data", {}),
    ],
)
def test_a_thousand_channels_are_shown_in_less_than_a_megabyte(show: Show, page: str, choice: dict[str, object]) -> None:
    names = tuple(f"{group}_{number}" for number in range(250) for group in ("pump", "valve", "tank", "fan"))
    own = keep_own(names, length=48, steps=400)

    app = show(page, data=own.data, model=own.model, window=1, **choice)

    assert not app.exception and not app.error
    assert bytes_sent(app) < 1_000_000
