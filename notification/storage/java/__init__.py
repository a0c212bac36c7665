"""Reads what the Java service (smoketurner/notification) left in a Riak cluster, so that a team can migrate in place.

Its formats and their translation live here. Nothing here writes those formats or calls a store. From the bottom up:

    legacy_pb2   its Protocol Buffers schema, generated
    values       lists of notifications, and cursors
    rules        the rules, which are a map of maps
"""
