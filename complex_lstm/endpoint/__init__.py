"""One model's predictions over HTTP, for a stream of single windows (`complex-lstm serve-predict`)."""
