"""Read the data that the Java service (smoketurner/notification) stored in a Riak cluster, to migrate it in place.

The formats of the Java service and their translation live here. Code here neither writes these formats nor calls a
store. From the bottom up:

    legacy_pb2   its Protocol Buffers schema, generated
    values       lists of notifications, and cursors
    rules        the rules, which are a map of maps
"""
