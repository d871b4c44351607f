"""A model as an object, for notebooks and scripts; `from app import IntentModel`."""
