"""What a user sees, as pure values and functions: notifications, groups, pages, events, drafts and their validation.

There is no IO, no clock, no randomness and no logging here, and nothing of storage or HTTP. The only package below is
the merge algebra, `siblings`. From the bottom up:

    errors       the exception tree
    duration     durations as people write them
    model        notifications and rules
    payload      the bytes of notifications and rules inside feeds and rule maps
    rollup       groups of notifications
    timeline     unseen and seen items, counts
    ranges       which part of a timeline a client asks for
    pages        pages that are cut from one frozen view
    idempotency  creates that may be repeated
    footprint    estimated sizes in memory
    feed_view    a feed as its user sees it, with what was computed from it
    events       what happens to a feed, for its listeners
    schemas      JSON Schema for what types alone do not say
    drafts       what clients send, validated
"""
