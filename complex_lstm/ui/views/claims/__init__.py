"""The Claims page: counts, timings and gradients of the model compared with the architecture document's claims, with a verdict on each."""
