"""The parts of the Riak stand-in. `tests/riak_cluster.py` is its face; nothing else need import from here.

From the bottom up: `dvv` and `vclock` (causality), `ring` (who keeps a key), `properties`, `conflict` (what a bucket's
properties make of concurrent values), `vnode` (one replica's data), `network` (hops between nodes), `members` (all of
these together), `quorum`, `reads`, `writes`, `requests` (a message in, a reply out), `faults`, `connection`, `door`.
"""
