"""A registry of many models in one worker."""
