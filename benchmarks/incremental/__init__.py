"""What a further training keeps and gains, beside a training from nothing."""
