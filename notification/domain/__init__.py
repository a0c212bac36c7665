"""The domain, as pure values and functions: notifications, groups, pages, events, drafts and their validation.

Code here does no IO or logging, reads no clock, uses no randomness, and knows neither storage nor HTTP. It imports only
the merge algebra, `siblings`. From the bottom up:

    errors       the exception tree
    duration     durations as people write them
    model        notifications and rules
    payload      the bytes of notifications and rules inside feeds and rule maps
    rollup       groups of notifications
    timeline     unseen and seen items, counts
    ranges       the part of a timeline that a client asks for
    pages        pages that are cut from one frozen view
    idempotency  creates that clients may safely repeat
    footprint    estimated sizes in memory
    feed_view    a feed as its user sees it, with its pages and counts
    events       changes of a feed, as its listeners receive them
    schemas      JSON Schema for constraints that types do not express
    drafts       what clients send, validated
"""
