"""The migrations, each one a file; published ones never change."""
