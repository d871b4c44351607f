"""One file per format. Each gives every example its line, and names every place that is wrong, not only the first."""
