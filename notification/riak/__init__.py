"""An asyncio client for Riak's Protocol Buffers interface: pooled, many nodes, every request within one deadline."""
