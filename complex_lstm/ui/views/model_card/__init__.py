"""The model card: what can be said of a model without data."""

from complex_lstm.ui.views.model_card.card import show_model_card

__all__ = ["show_model_card"]
