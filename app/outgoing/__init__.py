"""What Parley asks of other servers. Law of this layer: HTTP goes out through the guarded client and nowhere else."""
