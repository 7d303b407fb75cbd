"""The Content-Security-Policy: what a page may load and run, and whose pages may show it in a frame.

Streamlit styles its elements, and our pages theirs, by styles in the page, so that these are allowed. A canvas's script comes to the
browser as text and is imported from a blob, which only a script that already runs can make. Figures of many points are drawn by WebGL,
for which Plotly makes functions from texts of its own: without 'unsafe-eval' such a figure says that the browser has no WebGL. All
else comes from this server.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)  # Streamlit's and ours have no attributes


def content_policy(page: bytes = b"", ancestors: Iterable[str] = ()) -> bytes:
    """Return the policy of an answer. The scripts that stand in `page` may run, named by their hashes; no others that stand in a page.

    `ancestors` are the origins whose pages may show it in a frame, beside its own.
    """
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in INLINE.findall(page)]
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "blob:", "'unsafe-eval'", *hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "blob:", "data:"],
        "font-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'", *ancestors],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items()).encode()
