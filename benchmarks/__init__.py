"""Benchmarks: the service against bare limits on the same machine. `make bench` runs them."""
