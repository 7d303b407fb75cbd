"""How many decimals a target has on the screen."""

from complex_lstm.model import load_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.messages import change, decimals, shown
from tests.browser.truth import STRIDE, truth_of


def test_a_target_has_the_decimals_that_its_spread_deserves_in_every_column() -> None:
    """Side by side once showed 1010.9 above 58.604: five digits each, whatever the unit."""
    checkpoint = load_checkpoint(SAMPLES["nyc_weather"].checkpoint)
    scene = Scene(("nyc_weather", "nyc_weather", "", STRIDE), truth_of("nyc_weather").dataset, checkpoint, 5)

    # the changes spread by 1.7 °F, 5.2 % and 0.53 mbar: a hundredth of each is seen
    assert [decimals(scene, output) for output in range(3)] == [2, 2, 3]
    assert shown(scene, 2, 1010.9) == "1,010.900" and shown(scene, 0, 58.604) == "58.60"
    assert shown(scene, 0, 0.126, sign=True) == "+0.13" and shown(scene, 0, -3, sign=True) == "-3.00"


def test_a_change_that_rounds_to_nothing_has_no_sign() -> None:
    assert change(-0.0004, 3) == change(0.0, 3) == "0.000"
    assert change(0.0006, 3) == "+0.001"
