"""The ComplexLSTM model, its forward pass, and what can be recorded or changed on the way.

Glossary. These names stand in the shapes of every signature, in code and on the screen, and one idea has one name.

Axes:

    batch          windows computed at once
    time           steps of a window; padded steps lie at its end
    feature        input columns of a window
    channel        entries of the hidden state after the input projection (hidden_dim)
    scale          the convolutions of a temporal convolution block: one for each kernel width
    layer          BiLSTM blocks, or attention layers; the name beside it says which
    head           attention heads of an attention layer, as in (batch, head, query, key)
    query          the step that attends: a row of the attention weights
    key            the step attended to: a column of the attention weights
    ensemble_head  the output networks that the combiner reads; always called ensemble heads, never heads alone
    output         the model's outputs: one for each class (logits) or for each target (scaled values)

The forward pass:

    padding mask   True at the steps of a window, False at the steps that pad it to the longest window of the batch
    site           one value of a forward pass, such as `encoded` or `lstm[2]`: a `Site`, named as the field of `Trace`
                   that holds it
    hook           a function called at every site of one forward pass: it is given the site and its value, and returns
                   the value that goes on. It belongs to the pass (`ForwardPass`), never to the model
    intervention   a small frozen value that names a site and what goes on there instead (`model.interventions`)
    trace          the values at all sites of one forward pass (`Trace`)
"""

from complex_lstm.model.checkpoint import BareCheckpoint, Checkpoint, load_checkpoint, save_checkpoint
from complex_lstm.model.network import ComplexLSTMModel
from complex_lstm.model.trace import LongTrace, Trace

__all__ = ["BareCheckpoint", "Checkpoint", "ComplexLSTMModel", "LongTrace", "Trace", "load_checkpoint", "save_checkpoint"]
