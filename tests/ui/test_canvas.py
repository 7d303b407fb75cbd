"""What the canvases share: the bytes of a message, and who is followed when page and browser both change the view."""

import json
import struct

import numpy as np

from complex_lstm.ui.components.shared import Agreement, ViewReport, agree, float32, message, packed_palette, token_of


def test_a_message_is_a_length_a_header_and_the_values() -> None:
    values = float32(np.array([[0.5, np.nan], [-2.0, 3.0]]))

    sent = message({"name": "°F"}, [values])

    (length,) = struct.unpack_from("<I", sent)
    assert length % 4 == 0  # else no Float32Array can begin after it
    assert json.loads(sent[4 : 4 + length]) == {"name": "°F"}
    assert np.array_equal(np.frombuffer(sent[4 + length :], "<f4"), values.ravel(), equal_nan=True)


def test_what_the_browser_reads_is_little_endian_and_row_after_row() -> None:
    turned = np.arange(6, dtype=">f8").reshape(2, 3).T

    assert float32(turned).tobytes() == struct.pack("<6f", 0, 3, 1, 4, 2, 5)


def test_a_token_changes_with_a_label_and_with_a_value() -> None:
    values = np.zeros(3, dtype=np.float32)

    tokens = {token_of(["a"], [values]), token_of(["b"], [values]), token_of(["a"], [values + 1])}

    assert len(tokens) == 3
    assert token_of(["a"], [values.copy()]) in tokens


def test_a_palette_has_256_colours_from_the_first_to_the_last() -> None:
    palette = packed_palette([[0.0, "#000000"], [1.0, "#ff8000"]])

    assert len(palette) == 3 * 256
    assert palette[:3] == (0, 0, 0) and palette[-3:] == (255, 128, 0)


def test_a_report_is_followed_and_the_order_stays() -> None:
    """A changed order would send the arrays again at every click."""
    first = agree(None, wanted="page", report=None)

    after = agree(first, wanted="page", report=ViewReport("click", 1))

    assert after == Agreement(order="page", number=0, shown="click", last_stamp=1)
    assert agree(after, wanted="click", report=ViewReport("click", 1)) is after


def test_the_page_is_followed_when_it_changes_its_mind() -> None:
    before = Agreement(order="page", number=0, shown="click", last_stamp=1)

    assert agree(before, wanted="link", report=ViewReport("click", 1)) == Agreement(order="link", number=1, shown="link", last_stamp=1)


def test_a_browser_that_was_mounted_anew_is_told_what_it_forgot() -> None:
    before = Agreement(order="page", number=0, shown="click", last_stamp=1)

    assert agree(before, wanted="click", report=None) == Agreement(order="click", number=1, shown="click", last_stamp=None)
