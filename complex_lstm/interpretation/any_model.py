"""A model of any library as a module from windows (batch, time, feature) to outputs (batch, output), tried before it is explained.

`forward_function` takes a torch module, a function of arrays or tensors, a scikit-learn estimator, or an ONNX Runtime session. What a
method could not tell from a wrong map, it refuses: labels for outputs, a model in training mode, the wrong shape. What only makes a map
uncertain, it says in `AdaptedModel.unsteady`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from sklearn.base import BaseEstimator, is_classifier
from torch import Tensor, nn

from complex_lstm.errors import ComplexLSTMError, ExplanationError, never_stop
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.interpretation.forward import ForwardFunction, IntervenedModel, uncounted
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import gradients_enabled

ROUNDING, REORDERED = 1e-5, 1e-3  # of the largest output: what single precision explains, and GPUs' in a batch of another size
NOISE = 1e-4  # of the distance between the window's output and its baseline's
ONE_OUTPUT = "explain a function that returns one array of (batch, output), for instance lambda x: model(x)[0]"
SESSION_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}

Run = Callable[[Tensor], Any]


class AdaptedModel(nn.Module):
    """A model of any library as a module. It holds the model without owning it, so that no mode or device set here reaches it.

    `kind` is what the model is, for messages. `unsteady` says why its outputs are not the same each time, if they are not.
    """

    def __init__(self, kind: str, run: Run) -> None:
        super().__init__()
        self.training = False
        self.kind, self.run = kind, run
        self.has_gradients = False  # before it is tried
        self.unsteady = ""

    def forward(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch output"]:
        return _as_outputs(self.run(x.clone()), len(x), self.kind)  # a copy: a function may write into what it gets


def forward_function(
    model: Any,
    request: ExplanationRequest,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
    on_pass: Callable[[int], None] = uncounted,
) -> ForwardFunction:
    """Return the request's output of a model of any kind as a function of windows.

    Any but a ComplexLSTMModel is first tried on the window and its first baseline, a few times, which no method counts.
    Without a `device` a torch module is explained where its weights are.

    Raises:
        ExplanationError: what the model is, takes or returns cannot be explained; the message says what can.
    """
    if not isinstance(request, ExplanationRequest):
        raise ExplanationError(f"The request is of type {type(request).__name__}. Make one by request_for(x, background, output).")
    if isinstance(model, nn.Module):
        _refuse_training(model)
    if isinstance(model, ComplexLSTMModel | IntervenedModel):
        return ForwardFunction(model, request, device or _place(model)[0], stop, on_pass)
    device = device or (_place(model)[0] if isinstance(model, nn.Module) else torch.device("cpu"))
    scale = np.ones(1, dtype=np.float32) if request.scale is None else request.scale
    windows = torch.from_numpy(np.stack([request.x, request.baselines[0]]) * scale).to(device)
    adapted = _adapted(model, windows)
    _try(adapted, windows, request)
    return ForwardFunction(adapted, request, device, stop, on_pass)


def _adapted(model: Any, windows: Float[Tensor, "two time feature"]) -> AdaptedModel:
    if isinstance(model, type):
        raise ExplanationError(f"{model.__name__} is a class. Give a model of it: an instance, trained or loaded.")
    if isinstance(model, nn.Module):
        device, dtype = _place(model)
        return AdaptedModel("torch module", lambda x: model(x.to(device, dtype)))
    if hasattr(model, "get_inputs") and hasattr(model, "run"):
        return AdaptedModel("ONNX session", _session(model, *windows.shape[1:]))
    owner = getattr(model, "__self__", None)  # of a bound method, such as pipeline.decision_function
    if isinstance(owner, BaseEstimator):
        return AdaptedModel(f"{type(owner).__name__}.{model.__name__}", _flattened(owner, model, *windows.shape[1:]))
    if callable(model):
        return AdaptedModel("function", _function(model, windows))
    if hasattr(model, "predict"):
        return AdaptedModel(type(model).__name__, _flattened(model, _score_of(model), *windows.shape[1:]))
    raise ExplanationError(
        f"A model of type {type(model).__name__} cannot be explained. Give a torch module, a function from windows (batch, time, feature) "
        "to outputs (batch, output), a scikit-learn estimator, or an onnxruntime.InferenceSession."
    )


def _place(module: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return the device and the number type of a module's first weight."""
    floating = (one for one in chain(module.parameters(), module.buffers()) if one.is_floating_point())
    first = next(floating, torch.zeros(()))
    return first.device, first.dtype


def _refuse_training(model: nn.Module) -> None:
    for name, part in model.named_modules():
        drops = (isinstance(part, nn.modules.dropout._DropoutNd) and part.p) or (isinstance(part, nn.RNNBase) and part.dropout)
        if part.training and (drops or isinstance(part, nn.modules.batchnorm._BatchNorm)):
            why = "drops values at random" if drops else "normalizes by the batch and remembers it"
            part_name = f"{type(part).__name__}{f' {name}' if name else ''}"
            raise ExplanationError(f"The model is in training mode, in which its {part_name} {why}. Call model.eval() first.")


def _function(model: Callable[[Any], Any], windows: Float[Tensor, "two time feature"]) -> Run:
    """Return the function of tensors, as which it is called only where it fails on arrays."""

    def on_arrays(x: Tensor) -> Any:
        return model(_array(x))

    try:
        on_arrays(windows)
    except Exception as of_arrays:
        try:
            model(windows.clone())
        except Exception as of_tensors:
            shape = tuple(windows.shape)
            raise ExplanationError(
                f"The function fails on windows of shape {shape} (batch, time, feature), as an array ({_short(of_arrays)}) and as a tensor "
                f"({_short(of_tensors)}). It must take any number of windows."
            ) from of_arrays
        return model
    return on_arrays


def _score_of(estimator: Any) -> Callable[[Any], Any]:
    """Return an estimator's outputs that can rise and fall: probabilities, else scores, else values."""
    for name in ("predict_proba", "decision_function"):
        if hasattr(estimator, name):
            return getattr(estimator, name)
    if isinstance(estimator, BaseEstimator) and is_classifier(estimator):
        raise ExplanationError(
            f"{type(estimator).__name__} gives labels alone, and a label does not rise or fall. Give a classifier that has predict_proba "
            "or decision_function."
        )
    return estimator.predict


def _flattened(estimator: Any, score: Callable[[Any], Any], time: int, features: int) -> Run:
    """Return an estimator's scores of windows as rows, `x.reshape(len(x), -1)`: the first step's features, then the second's."""
    takes, names = getattr(estimator, "n_features_in_", time * features), getattr(estimator, "feature_names_in_", None)
    if takes != time * features:
        raise ExplanationError(
            f"The estimator takes rows of {takes} numbers; windows of {time} steps and {features} features have {time * features}. "
            "If it takes them in another form, explain a function that makes it: lambda x: estimator.predict_proba(summary(x))."
        )

    def run(x: Tensor) -> Any:
        rows = _array(x.double()).reshape(len(x), -1)
        return score(rows if names is None else pd.DataFrame(rows, columns=names))

    return run


def _session(session: Any, time: int, features: int) -> Run:
    """Return what an ONNX session gives for windows, in parts of its batch where that is fixed, the last one filled up with copies."""
    taken = _input_of(session, time, features)
    own = (time * features,) if len(taken.shape) == 2 else (time, features)
    fixed = taken.shape[0] if taken.shape and isinstance(taken.shape[0], int) else None

    def run(x: Tensor) -> Any:
        windows = _array(x).astype(SESSION_TYPES[taken.type]).reshape(len(x), *own)
        if fixed is None:
            return session.run(None, {taken.name: windows})[0]
        padded = np.concatenate([windows, np.repeat(windows[-1:], -len(x) % fixed, axis=0)])
        parts = [session.run(None, {taken.name: part})[0] for part in np.split(padded, len(padded) // fixed)]
        return np.concatenate(parts)[: len(x)]

    return run


def _input_of(session: Any, time: int, features: int) -> Any:
    """Return the one input of an ONNX session, which takes windows of this form or rows of as many numbers."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) > 1 or len(outputs) > 1:
        takes, gives = ([one.name for one in group] for group in (inputs, outputs))
        raise ExplanationError(
            f"The ONNX model has the inputs {', '.join(takes)} and the outputs {', '.join(gives)}; one of each can be explained. "
            f'Choose by a function: lambda x: session.run(["{gives[-1]}"], {{"{takes[0]}": x}})[0]'
        )
    (taken,) = inputs
    if taken.type not in SESSION_TYPES:
        raise ExplanationError(f"The ONNX model takes {taken.type}; windows are numbers with decimals: {', '.join(SESSION_TYPES)}.")
    sizes = [size if isinstance(size, int) else None for size in taken.shape]  # None is free; of some files no shape is known
    if sizes and not any(_fits(sizes[1:], own) for own in ((time, features), (time * features,))):
        raise ExplanationError(
            f"The ONNX model takes ({', '.join(str(size or '?') for size in taken.shape)}); windows are (batch, {time}, {features}), or "
            f"flattened (batch, {time * features}). Axes in another order are turned by a function: "
            f'lambda x: session.run(None, {{"{taken.name}": x.swapaxes(1, 2)}})[0]'
        )
    return taken


def _fits(sizes: list[int | None], own: tuple[int, ...]) -> bool:
    return len(sizes) == len(own) and all(size in (None, one) for size, one in zip(sizes, own, strict=True))


def _array(x: Tensor) -> np.ndarray:
    return x.detach().cpu().numpy().copy()


def _as_outputs(found: Any, windows: int, kind: str) -> Float[Tensor, "batch output"]:
    """Return what a model has given as a tensor (batch, output).

    Raises:
        ExplanationError: it is no array of numbers with a row for each window.
    """
    if found is None or isinstance(found, tuple | list | Mapping):
        raise ExplanationError(f"The {kind} returns a {type(found).__name__}. If it has what is to be explained in it, {ONE_OUTPUT}.")
    if not isinstance(found, Tensor):
        array = np.asarray(found)  # also what TensorFlow, JAX and pandas return
        if array.dtype.kind == "f":  # a copy: torch takes neither what cannot be written nor what runs backwards
            found = torch.from_numpy(np.array(array, dtype=np.float32 if array.dtype.itemsize <= 4 else np.float64, order="C"))
    if not isinstance(found, Tensor) or not found.is_floating_point():
        dtype = found.dtype if isinstance(found, Tensor) else np.asarray(found).dtype
        raise ExplanationError(
            f"The {kind} returns {dtype}: labels, it seems, and a label does not rise or fall. Give one that returns probabilities, scores "
            "or values, as floats."
        )
    if found.ndim not in (1, 2) or len(found) != windows:
        raise ExplanationError(
            f"The {kind} returns the shape {tuple(found.shape)} for {windows} windows; expected (batch, output) or (batch,). "
            "Choose what is to be explained, for instance lambda x: model(x)[:, -1]."
        )
    return found if found.ndim == 2 else found[:, None]


def _try(adapted: AdaptedModel, windows: Float[Tensor, "two time feature"], request: ExplanationRequest) -> None:
    """Find out whether a model gives the request's output, whether it gives the same each time, and whether it has gradients.

    Raises:
        ExplanationError: it fails, or there is no such output.
    """
    try:
        with torch.no_grad():
            first, again, alone = (adapted(one).double().cpu() for one in (windows, windows, windows[:1]))
    except ComplexLSTMError:
        raise
    except Exception as error:
        raise ExplanationError(
            f"The {adapted.kind} fails on windows of shape {tuple(windows.shape)} (batch, time, feature): {_short(error)}"
        ) from error
    _check_output(first, request, adapted.kind)
    adapted.unsteady = _unsteadiness(*(one[:, request.output] for one in (first, again, alone)))
    adapted.has_gradients = adapted.kind in ("torch module", "function") and _reaches_the_input(adapted, windows[:1])


def _unsteadiness(first: Float[Tensor, " two"], again: Float[Tensor, " two"], alone: Float[Tensor, " one"]) -> str:
    """Return how the output differs when the two windows are given again, or one of them alone; "" if it does not."""
    noise, largest = NOISE * float((first[0] - first[1]).abs()), float(first.abs().max())
    twice, beside = float((again - first).abs().max()), float((alone[0] - first[0]).abs())
    if twice > max(noise, ROUNDING * largest):
        return (
            f"called twice with the same windows, the model gives outputs that differ by {twice:.2g}: it is random or keeps a state, and "
            "every number here carries this noise"
        )
    if beside > max(noise, REORDERED * largest):
        return (
            f"the model's output for a window differs by {beside:.2g} with the windows beside it in the batch, so that every number here "
            "depends on how windows are batched"
        )
    return ""


def _check_output(outputs: Float[Tensor, "two output"], request: ExplanationRequest, kind: str) -> None:
    count = outputs.shape[1]
    if not 0 <= request.output < count:
        raise ExplanationError(f"There is no output {request.output}; the {kind} has {count}, counted from 0.")
    if not outputs[:, request.output].isfinite().all():
        raise ExplanationError(f"The {kind}'s output {request.output} for the window or its baseline is not a finite number.")
    if request.as_probability and count == 1:
        raise ExplanationError(f"The {kind} has one output, whose softmax is always 1. Explain it as it is: as_probability=False.")
    if request.as_probability and bool((outputs >= 0).all()) and torch.allclose(outputs.sum(1), torch.ones(2).double(), atol=1e-3):
        raise ExplanationError(f"The {kind}'s outputs are probabilities already. Explain them as they are: as_probability=False.")


def _reaches_the_input(adapted: AdaptedModel, window: Float[Tensor, "1 time feature"]) -> bool:
    """Return whether the outputs have a gradient at the window, which they lack after an array, `no_grad` or a step without one."""
    with gradients_enabled(window.device):
        x = window.clone().requires_grad_()
        try:
            total = adapted(x).sum()
            return total.requires_grad and torch.autograd.grad(total, x, allow_unused=True)[0] is not None
        except RuntimeError:
            return False


def _short(error: Exception) -> str:
    """Return an error's type and the first line of its message, cut to 200 letters."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
