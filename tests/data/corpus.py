"""Files as strangers have them, made here, each with what must be found in it.

Most hold the same small table in another way of writing (see `made`). A file is a generator's result and no fixture, so that what
is special in it can be read where it is made.
"""

from tests.data.corpus_cells import missing, units
from tests.data.corpus_headers import levels, ragged
from tests.data.corpus_shapes import containers, foreign, shapes
from tests.data.corpus_text import dialects, encodings, headers

FILES = [*dialects(), *headers(), *levels(), *ragged(), *encodings(), *missing(), *units(), *shapes(), *containers(), *foreign()]
