"""Which bucket properties lose concurrent writes, and the operator's command that mends each. Pure."""

from notification.riak.objects import BucketProperties

_SAFE = BucketProperties(n_val=3, allow_mult=True, last_write_wins=False, consistent=False, write_once=False)

# Riak takes these when a type is made, and never again.
_FIXED = ("consistent", "write_once")


def flaws(properties: BucketProperties) -> tuple[str, ...]:
    """The names of the properties that would lose a sibling. How many replicas there are is the operator's business."""
    names = ("allow_mult", "last_write_wins", "consistent", "write_once")
    return tuple(name for name in names if getattr(properties, name) is not getattr(_SAFE, name))


def type_complaint(bucket_type: str, properties: BucketProperties) -> str | None:
    """What is wrong with a bucket type and how to mend it; None where nothing is."""
    wrong = flaws(properties)
    if not wrong:
        return None
    fixed = [name for name in wrong if name in _FIXED]
    remedy = (
        f"that can't be changed ({', '.join(fixed)}): {type_creation('<another name>')}, and configure that one"
        if fixed
        else f"mend it with: riak admin bucket-type update {bucket_type} '{_json(wrong)}'"
    )
    return f"bucket type {bucket_type} has {_shown(wrong)} and would lose concurrent writes; {remedy}"


def bucket_complaint(bucket: str, bucket_type: str, properties: BucketProperties) -> str | None:
    """What is wrong with one bucket, whatever its type says, and how to mend it; None where nothing is."""
    wrong = flaws(properties)
    if not wrong:
        return None
    path = f"types/{bucket_type}/buckets/{bucket}" if bucket_type else f"buckets/{bucket}"
    return (
        f"bucket {bucket} has {_shown(wrong)} and would lose concurrent writes; mend it with: "
        f"curl -X PUT http://<node>:8098/{path}/props -H 'Content-Type: application/json' -d '{_json(wrong)}'"
    )


def type_creation(bucket_type: str) -> str:
    """The commands that make a bucket type which keeps siblings."""
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
