"""Files that cannot be used: one sentence that says what to do, and the app goes on."""

import pickle
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

NOT_A_CSV = {
    "empty.csv": (b"", "is empty"),
    "scan.csv": (b"%PDF-1.7", "is a PDF"),
    "binary.csv": (b"PK\x03\x04\0\0\0\x14" * 50, "binary file"),
}


def see_one_message(visitor: Visitor, words: str) -> None:
    expect(visitor.page.get_by_text(words)).to_be_visible()
    visitor.settle()
    assert len(visitor.messages) == 1 and words in visitor.messages[0], visitor.messages


def test_a_file_that_is_no_csv_is_one_message_and_the_app_goes_on(visitor: Visitor) -> None:
    visitor.open()
    for name, (content, words) in NOT_A_CSV.items():
        visitor.upload("start_upload_data", name, content)

        see_one_message(visitor, words)
    assert visitor.link == {}

    visitor.widget("start_open_planted_order").get_by_role("button").click()
    visitor.see_view("explain")


@pytest.mark.long
def test_text_among_numbers_is_named_with_its_line(visitor: Visitor) -> None:
    rows = [f"2024-01-{day:02},{day},{day * 2}" for day in range(1, 29)]
    rows[9] = "2024-01-10,ten,20"
    visitor.open()
    visitor.upload("start_upload_data", "words.csv", "\n".join(["date,a,b", *rows]).encode())

    visitor.see_heading("Data")
    expect(visitor.page.get_by_text("28 rows, 3 columns")).to_be_visible()
    see_one_message(visitor, "1 cell of a is no number, first 'ten' at line 11")


@pytest.mark.long
def test_fewer_rows_than_a_window_is_one_message_with_a_way_out(visitor: Visitor) -> None:
    lines = Path("sample_data/nyc_weather.csv").read_text().splitlines()[:20]
    visitor.open()
    visitor.upload("start_upload_data", "short.csv", "\n".join(lines).encode())
    visitor.widget("start_upload_data_model_nyc_weather").get_by_role("button").click()

    see_one_message(visitor, "No window fits")

    visitor.widget("messages_start_over").get_by_role("button").click()
    expect(visitor.widget("empty_planted_order")).to_be_visible()


class Bomb:
    """Unpickled, it makes a file: as harmless as code in a checkpoint can be."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[list[str]]]:
        return subprocess.check_call, (["touch", str(self.mark)],)


@pytest.mark.long
def test_a_checkpoint_with_code_in_it_is_refused_and_not_run(visitor: Visitor, tmp_path: Path) -> None:
    mark = tmp_path / "exploded"
    visitor.open()
    for name, content, words in (  # in an order in which each message differs from the one before
        ("bomb.pt", pickle.dumps(Bomb(mark)), "holds more than tensors"),
        ("noise.safetensors", b"\x08" * 64, "is not a readable safetensors file"),
        ("noise.pth", b"no pickle at all", "holds more than tensors|is not a file"),
    ):
        visitor.upload("start_upload_model", name, content)

        expect(visitor.widget("start_upload_model").get_by_text(name)).to_be_visible()
        expect(visitor.page.get_by_test_id("stAlertContentError")).to_have_text(re.compile(words))
        assert len(visitor.messages) == 1
    assert not mark.exists() and "model" not in visitor.link
