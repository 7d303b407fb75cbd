"""The page Check: whether the model, and its explanations, can be relied on."""
