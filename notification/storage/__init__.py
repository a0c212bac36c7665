"""Storage: fetch, merge, change and put values that several processes write at the same time.

Code that caches values, queues writes, or talks to SQLite or Riak lives here. HTTP, use cases and the meaning of a
notification do not. Only `java/` knows the fields of a notification, because it translates them.

Bottom-up:

- `store`: the interface of a store, its capabilities, and causal contexts
- `observer`: instrumentation hooks, and the timing of a store's calls
- `embedded/`: the store in an SQLite file
- `riak_store`: the store on Riak
- `java/`: reads the feeds, cursors and rules that the Java service wrote to Riak
- `cache`: a least-recently-used cache that is bounded in bytes
- `cached_values`: the decoded values of a bucket with their contexts
- `write_queue`: the changes to one key that are waiting to be written, and the batch that is being written
- `bucket`: the only code that reads, merges and writes back a value
- `salvage`: replaces a corrupt value with whatever part of it can still be decoded
"""
