"""The parts of the Riak stand-in. `tests/riak_cluster.py` is its face; nothing else need import from here.

From the bottom up:

- causality: `dvv`, `vclock`; `properties` of buckets; `conflict`, what these make of concurrent values
- replicas: `ring`, who keeps a key; `vnode`, one replica's data; `network`, hops between nodes; `members`, all together
- requests: `quorum`, `errand`, `reads`, `writes`, `listing`; `requests`, a message in and a reply out
- clients: `wire`, `faults`, `security`, `connection`, `door`
- a process of its own: `control`, `process`
"""
