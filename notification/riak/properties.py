"""Finds bucket properties that lose concurrent writes, and returns the commands that correct them. No IO."""

from notification.riak.objects import BucketProperties

_SAFE = BucketProperties(n_val=3, allow_mult=True, last_write_wins=False, consistent=False, write_once=False)

# Riak accepts these properties only when a bucket type is created.
_FIXED = ("consistent", "write_once")


def unsafe_properties(properties: BucketProperties) -> tuple[str, ...]:
    """Return the names of the properties that would lose a sibling. `n_val` is the operator's choice."""
    names = ("allow_mult", "last_write_wins", "consistent", "write_once")
    return tuple(name for name in names if getattr(properties, name) is not getattr(_SAFE, name))


def type_problem(bucket_type: str, properties: BucketProperties) -> str | None:
    """Return the fault of a bucket type and the command that corrects it; `None` if it is safe."""
    wrong = unsafe_properties(properties)
    if not wrong:
        return None
    fixed = [name for name in wrong if name in _FIXED]
    remedy = (
        f"{', '.join(fixed)} can't be changed; create and configure another type: {creation_command('<another name>')}"
        if fixed
        else f"correct it with: riak admin bucket-type update {bucket_type} '{_json(wrong)}'"
    )
    return f"bucket type {bucket_type} has {_shown(wrong)} and would lose concurrent writes; {remedy}"


def bucket_problem(bucket: str, bucket_type: str, properties: BucketProperties) -> str | None:
    """Return the fault of one bucket and the command that corrects it; `None` if it is safe.

    This check is separate from that of the type, because a bucket can override the properties of its type.
    """
    wrong = unsafe_properties(properties)
    if not wrong:
        return None
    path = f"types/{bucket_type}/buckets/{bucket}" if bucket_type else f"buckets/{bucket}"
    return (
        f"bucket {bucket} has {_shown(wrong)} and would lose concurrent writes; correct it with: "
        f"curl -X PUT http://<node>:8098/{path}/props -H 'Content-Type: application/json' -d '{_json(wrong)}'"
    )


def creation_command(bucket_type: str) -> str:
    """Return the shell command that creates and activates a bucket type that keeps siblings."""
    return (
        f"""riak admin bucket-type create {bucket_type} '{_json(("allow_mult",))}' """
        f"&& riak admin bucket-type activate {bucket_type}"
    )


def _shown(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name}={_word(not getattr(_SAFE, name))}" for name in names)


def _json(names: tuple[str, ...]) -> str:
    properties = ",".join(f'"{name}":{_word(getattr(_SAFE, name))}' for name in names)
    return f'{{"props":{{{properties}}}}}'


def _word(value: bool) -> str:
    return "true" if value else "false"
