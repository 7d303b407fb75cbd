"""Predictions over HTTP: the same as the command's, by either engine, and one sentence for what cannot be answered."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import uvicorn

from complex_lstm import SAMPLES, load_checkpoint, prepare_for, read_csv
from complex_lstm.data import Dataset
from complex_lstm.data.scaling import unscale
from complex_lstm.endpoint.app import endpoint_app
from complex_lstm.endpoint.engines import Engine, open_engine
from complex_lstm.endpoint.windows import read_windows
from complex_lstm.errors import DataError
from complex_lstm.inference import predict
from complex_lstm.model import Checkpoint


def opened(name: str) -> tuple[Checkpoint, Dataset]:
    sample = SAMPLES[name]
    loaded = load_checkpoint(sample.checkpoint)
    assert isinstance(loaded, Checkpoint)
    return loaded, prepare_for(read_csv(sample.csv), loaded.schema, loaded.window, loaded.scaling, loaded.split)


@contextmanager
def answering(loaded: Checkpoint, engine: Engine) -> Iterator[str]:
    """Run the server in a thread, and yield its address."""
    server = uvicorn.Server(uvicorn.Config(endpoint_app(loaded, engine, "m.safetensors"), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def ask(address: str, body: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(f"{address}/predict", body)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def raw_windows(dataset: Dataset, chosen: list[int]) -> np.ndarray:
    """Return windows in the file's units, as a stream would bring them."""
    return unscale(dataset.windows.inputs(np.array(chosen)).astype(float), dataset.scaling)


@pytest.mark.usefixtures("shapes_unchecked")  # the exporter's sizes are symbols
@pytest.mark.parametrize("engine", ["torch", "onnx"])
def test_classes_are_those_of_the_command(engine: Any) -> None:
    pytest.importorskip("onnxruntime")
    loaded, dataset = opened("planted_order")
    by_command = predict(loaded.model, dataset, np.array([3, 58, 600])).predicted

    with answering(loaded, open_engine(loaded.model, engine)) as address:
        status, found = ask(address, json.dumps({"windows": raw_windows(dataset, [3, 58, 600]).tolist()}).encode())

    shares = np.array([[one["probabilities"][name] for name in loaded.schema.classes] for one in found["predictions"]])
    assert status == 200 and np.allclose(shares, by_command, atol=1e-5)
    assert [one["class"] for one in found["predictions"]] == [loaded.schema.classes[place] for place in by_command.argmax(axis=1)]


def test_values_are_those_of_the_command_and_a_missing_cell_is_filled_from_its_window() -> None:
    loaded, dataset = opened("nyc_weather")
    by_command = predict(loaded.model, dataset, np.array([100, 2000])).predicted
    windows = raw_windows(dataset, [100, 2000])
    repeated = windows.tolist()
    repeated[0].append(repeated[0][-1])
    gone = windows.copy()
    gone[1, 20, 0] = gone[1, 19, 0]  # carried on, as the model was trained
    with_hole = windows.tolist()
    with_hole[1][20][0] = None

    with answering(loaded, open_engine(loaded.model, "torch")) as address:
        found = ask(address, json.dumps({"windows": windows.tolist()}).encode())[1]["predictions"]
        filled = ask(address, json.dumps({"windows": gone.tolist()}).encode())[1]
        assert ask(address, json.dumps({"windows": with_hole}).encode())[1] == filled

    values = np.array([[one["values"][name] for name in loaded.schema.outputs] for one in found])
    assert np.allclose(values, by_command, rtol=1e-5, atol=1e-4)


def test_whole_series_of_any_length_and_what_the_model_takes() -> None:
    loaded, dataset = opened("japanese_vowels")
    length = int(dataset.windows.length[7])
    by_command = predict(loaded.model, dataset, np.array([7])).predicted[0]

    with answering(loaded, open_engine(loaded.model, "torch")) as address:
        _, found = ask(address, json.dumps({"windows": raw_windows(dataset, [7])[:, :length].tolist()}).encode())
        with urllib.request.urlopen(f"{address}/") as answer:
            told = json.load(answer)
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            assert json.load(answer) == {"ok": True, "engine": "PyTorch", "passes": 1}

    assert found["predictions"][0]["class"] == loaded.schema.classes[int(by_command.argmax())]
    assert told["features"] == list(loaded.schema.roles.features) and told["steps"] is None and not told["needs_last"]


@pytest.mark.usefixtures("shapes_unchecked")
def test_the_onnx_engine_lies_within_a_millionth_of_the_model() -> None:
    pytest.importorskip("onnxruntime")
    model = load_checkpoint(SAMPLES["planted_order"].checkpoint).model

    assert 0 < open_engine(model, "onnx").deviation <= 1e-6


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "The body is no JSON"),
        (b"\xff\xfe", "The body is no JSON"),
        (b"[" * 100_000, "The body is no JSON"),
        (b"[1]", 'Send a JSON object with "windows"'),
        (b'{"windows": 1}', r"of the shape \(window, time, feature\), with 9 features: .*; they have the shape \(\)"),
        (b'{"windows": []}', "they have the shape"),
        (b'{"windows": [[[1, 2], [1]]]}', "with 9 features: .*; there are texts, objects or lists of unequal length.$"),
        (b'{"windows": [[[1]]], "lsat": [[1]]}', "There is nothing that 'lsat' could mean"),
        (b'{"windows": [[[1]]], "last": [[1]]}', 'The model needs no "last"'),
        (b'{"windows": [[["1", "2"]]]}', "texts or booleans among them"),
        (b'{"windows": [[[1, 2, 3, 4, 5, 6, 7, 8, 1e999]]]}', "An infinite number"),
        (json.dumps({"windows": [[[0] * 9] * 5000]}).encode(), r"At most 4,096 windows of 4,096 steps are answered at once"),
        (json.dumps({"windows": [[[1e300] * 9] * 50]}).encode(), "too large for float32"),
    ],
    ids=range(13),
)
def test_what_cannot_be_answered_is_told_in_one_sentence(planted_address: str, body: bytes, words: str) -> None:
    status, found = ask(planted_address, body)

    assert status == 400
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(found["error"])


@pytest.fixture(scope="module")
def planted_address() -> Iterator[str]:
    loaded, _ = opened("planted_order")
    with answering(loaded, open_engine(loaded.model, "torch")) as address:
        yield address


def test_a_change_of_a_target_that_is_no_feature_needs_its_last_value() -> None:
    loaded, _ = opened("nyc_weather")
    roles = replace(loaded.schema.roles, targets=("elsewhere",))
    asked = {"windows": np.zeros((2, loaded.window.length, len(roles.features))).tolist()}
    changed = replace(loaded, schema=replace(loaded.schema, roles=roles))

    with pytest.raises(DataError, match="The windows have 49 steps; the model was trained on windows of 48"):
        read_windows({"windows": np.zeros((1, 49, len(roles.features))).tolist()}, loaded)
    with pytest.raises(DataError, match="forecasts the change of 'elsewhere', which the features lack"):
        read_windows(asked, changed)
    with pytest.raises(DataError, match="for each of the 2 windows"):
        read_windows(asked | {"last": [[1.0]]}, changed)
    assert read_windows(asked | {"last": [[1.0], [2.5]]}, changed).last.tolist() == [[1.0], [2.5]]


def test_requests_that_wait_share_a_pass_and_each_gets_its_own_answer() -> None:
    loaded, dataset = opened("planted_order")
    one_by_one = predict(loaded.model, dataset, np.arange(20)).predicted
    begun, may_go_on = threading.Event(), threading.Event()
    own = open_engine(loaded.model, "torch")
    sizes = []

    def outputs(x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        begun.set()
        may_go_on.wait()
        return own.outputs(x)

    windows = raw_windows(dataset, list(range(20)))
    bodies = [json.dumps({"windows": [one.tolist()]}).encode() for one in windows]
    with answering(loaded, replace(own, outputs=outputs)) as address, ThreadPoolExecutor(20) as pool:
        first = pool.submit(ask, address, bodies[0])
        begun.wait()
        others = [pool.submit(ask, address, body) for body in bodies[1:]]
        time.sleep(1)  # the more come meanwhile the larger the next pass; each is answered in any case
        may_go_on.set()
        found = [one.result()[1]["predictions"][0]["probabilities"] for one in (first, *others)]

    assert sizes[0] == 1 and sum(sizes) == 20
    assert np.allclose([list(one.values()) for one in found], one_by_one, atol=1e-5)
