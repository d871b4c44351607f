"""Predictions beside a training."""
