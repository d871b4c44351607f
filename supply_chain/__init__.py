"""What Parley is made of and what is known of it: run by `make audit` and `make sbom`."""
