"""Benchmarks that compare the service with the limits of the same machine. `make bench` runs them."""
