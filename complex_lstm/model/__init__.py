"""The ComplexLSTM model, one block a file, and the walk through them.

Axis glossary. These names stand in the shapes of every signature, and one idea has one name:

    batch     windows computed at once
    time      steps of a window; padded steps lie at its end
    feature   input columns of a window
    channel   entries of the hidden state after the input projection (hidden_dim)
    scale     one convolution of a temporal convolution block: one kernel width
    layer     BiLSTM blocks, or attention layers; the name beside it says which
    head      attention heads of a layer, as in (batch, head, query, key)
    query     the step that attends (an attention row)
    key       the step attended to (an attention column)
    member    the ensemble's output heads, called ensemble heads in words
    output    the model's outputs: one a class (logits) or one a target value

A *box* is one value of the walk through the model (`boxes.Box`), named as the field of `Trace` that keeps it.

An *attention head* and an *ensemble head* are two things: in code the axis `head` is always the first and
`member` always the second.
"""

from complex_lstm.model.checkpoint import BareCheckpoint, Checkpoint, load_checkpoint, save_checkpoint
from complex_lstm.model.network import ComplexLSTMModel
from complex_lstm.model.trace import Trace

__all__ = ["BareCheckpoint", "Checkpoint", "ComplexLSTMModel", "Trace", "load_checkpoint", "save_checkpoint"]
