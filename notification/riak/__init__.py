"""An asyncio client for Riak's Protocol Buffers interface, usable by itself.

Connections, pools, failover between nodes and the check of bucket properties live here.
Values are opaque bytes; merging and formats belong in `storage/`.
The package imports nothing else from this project, and no metrics or logging library; `observer.py` has hooks instead.

Bottom-up:

- `errors.py`: the exception tree, and which errors justify a retry on another node
- `riak_pb2.py`: the Protocol Buffers messages, generated from `riak.proto`
- `messages.py`: framing, message codes, and calls, which are requests with readers of their replies
- `objects.py`: replies as plain values
- `options.py`: addresses, limits and credentials
- `observer.py`: instrumentation hooks
- `health.py`: the life cycle of a node as a table
- `connection.py`: one connection, one request at a time
- `dial.py`: opens a connection: TCP, TLS, authentication
- `pool.py`: the connections to one node
- `node.py`: one node: its pool, its health, its probe
- `cluster.py`: several nodes used as one, with failover and a deadline
- `client.py`: `RiakClient`, the public interface
- `properties.py`: which bucket properties lose concurrent writes
- `guard.py`: rejects requests to such buckets
"""
