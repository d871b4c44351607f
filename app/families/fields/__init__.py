"""One file per type of field: how a value of it is read, whatever somebody put there."""
