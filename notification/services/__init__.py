"""The use cases: what can be done with feeds, cursors, rules and live streams.

Modules here combine the domain with storage and own clocks, randomness and background tasks. They know neither HTTP
nor which store is in use. From the bottom up:

    observer      instrumentation hooks
    ids           id seeds and the id generator
    sightings     when this process first saw an entry
    removing      how a feed remembers the ids that were removed
    cursor_names  the names of each user's cursors
    cursors       reading and moving cursors
    rules         the rules in force
    creation      creating notifications, at most one per idempotency key
    fanout        creating one notification for many users
    inbox         reading, removing and marking notifications
    listener      the event queue of one subscriber
    live          watched feeds and their subscribers
"""
