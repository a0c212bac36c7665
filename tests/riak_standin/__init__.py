"""The parts of the Riak stand-in. Tests import only `tests/riak_cluster.py`.

Bottom-up:

- causality: `dvv`, `vclock`; `properties`, bucket properties; `conflict`, the resolution of concurrent values
- replicas: `ring`, the replicas of a key; `vnode`, the data of one; `network`, messages; `members`, all nodes
- requests: `quorum`, `errand`, `reads`, `writes`, `listing`; `requests`, the handler of each message
- clients: `wire`, `faults`, `security`, `connection`, `door`
- a process of its own: `control`, `process`
"""
