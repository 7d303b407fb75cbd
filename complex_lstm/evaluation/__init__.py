"""How good a model is, and how sure that is: answers beside predictions, resampled by blocks that are about independent."""
