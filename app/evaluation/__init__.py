"""How good answers are. Law of this layer: answers and truths come in, figures go out; no model runs here."""
