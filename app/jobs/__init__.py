"""Runners of jobs, and the trainers they start. Law of this layer: where jobs are kept and how to train is given."""
