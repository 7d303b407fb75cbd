"""The Claims page: counts, timings and gradients of the model beside the claims of the architecture document, with a verdict on each."""
