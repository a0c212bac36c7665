from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RpbErrorResp(_message.Message):
    __slots__ = ("errmsg", "errcode")
    ERRMSG_FIELD_NUMBER: _ClassVar[int]
    ERRCODE_FIELD_NUMBER: _ClassVar[int]
    errmsg: bytes
    errcode: int
    def __init__(self, errmsg: _Optional[bytes] = ..., errcode: _Optional[int] = ...) -> None: ...

class RpbGetServerInfoResp(_message.Message):
    __slots__ = ("node", "server_version")
    NODE_FIELD_NUMBER: _ClassVar[int]
    SERVER_VERSION_FIELD_NUMBER: _ClassVar[int]
    node: bytes
    server_version: bytes
    def __init__(self, node: _Optional[bytes] = ..., server_version: _Optional[bytes] = ...) -> None: ...

class RpbPair(_message.Message):
    __slots__ = ("key", "value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    key: bytes
    value: bytes
    def __init__(self, key: _Optional[bytes] = ..., value: _Optional[bytes] = ...) -> None: ...

class RpbLink(_message.Message):
    __slots__ = ("bucket", "key", "tag")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    key: bytes
    tag: bytes
    def __init__(self, bucket: _Optional[bytes] = ..., key: _Optional[bytes] = ..., tag: _Optional[bytes] = ...) -> None: ...

class RpbContent(_message.Message):
    __slots__ = ("value", "content_type", "charset", "content_encoding", "vtag", "links", "last_mod", "last_mod_usecs", "usermeta", "indexes", "deleted")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CHARSET_FIELD_NUMBER: _ClassVar[int]
    CONTENT_ENCODING_FIELD_NUMBER: _ClassVar[int]
    VTAG_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    LAST_MOD_FIELD_NUMBER: _ClassVar[int]
    LAST_MOD_USECS_FIELD_NUMBER: _ClassVar[int]
    USERMETA_FIELD_NUMBER: _ClassVar[int]
    INDEXES_FIELD_NUMBER: _ClassVar[int]
    DELETED_FIELD_NUMBER: _ClassVar[int]
    value: bytes
    content_type: bytes
    charset: bytes
    content_encoding: bytes
    vtag: bytes
    links: _containers.RepeatedCompositeFieldContainer[RpbLink]
    last_mod: int
    last_mod_usecs: int
    usermeta: _containers.RepeatedCompositeFieldContainer[RpbPair]
    indexes: _containers.RepeatedCompositeFieldContainer[RpbPair]
    deleted: bool
    def __init__(self, value: _Optional[bytes] = ..., content_type: _Optional[bytes] = ..., charset: _Optional[bytes] = ..., content_encoding: _Optional[bytes] = ..., vtag: _Optional[bytes] = ..., links: _Optional[_Iterable[_Union[RpbLink, _Mapping]]] = ..., last_mod: _Optional[int] = ..., last_mod_usecs: _Optional[int] = ..., usermeta: _Optional[_Iterable[_Union[RpbPair, _Mapping]]] = ..., indexes: _Optional[_Iterable[_Union[RpbPair, _Mapping]]] = ..., deleted: bool = ...) -> None: ...

class RpbGetReq(_message.Message):
    __slots__ = ("bucket", "key", "r", "pr", "basic_quorum", "notfound_ok", "if_modified", "head", "deletedvclock", "timeout", "sloppy_quorum", "n_val", "type", "node_confirms")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    R_FIELD_NUMBER: _ClassVar[int]
    PR_FIELD_NUMBER: _ClassVar[int]
    BASIC_QUORUM_FIELD_NUMBER: _ClassVar[int]
    NOTFOUND_OK_FIELD_NUMBER: _ClassVar[int]
    IF_MODIFIED_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    DELETEDVCLOCK_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SLOPPY_QUORUM_FIELD_NUMBER: _ClassVar[int]
    N_VAL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NODE_CONFIRMS_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    key: bytes
    r: int
    pr: int
    basic_quorum: bool
    notfound_ok: bool
    if_modified: bytes
    head: bool
    deletedvclock: bool
    timeout: int
    sloppy_quorum: bool
    n_val: int
    type: bytes
    node_confirms: int
    def __init__(self, bucket: _Optional[bytes] = ..., key: _Optional[bytes] = ..., r: _Optional[int] = ..., pr: _Optional[int] = ..., basic_quorum: bool = ..., notfound_ok: bool = ..., if_modified: _Optional[bytes] = ..., head: bool = ..., deletedvclock: bool = ..., timeout: _Optional[int] = ..., sloppy_quorum: bool = ..., n_val: _Optional[int] = ..., type: _Optional[bytes] = ..., node_confirms: _Optional[int] = ...) -> None: ...

class RpbGetResp(_message.Message):
    __slots__ = ("content", "vclock", "unchanged")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    VCLOCK_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    content: _containers.RepeatedCompositeFieldContainer[RpbContent]
    vclock: bytes
    unchanged: bool
    def __init__(self, content: _Optional[_Iterable[_Union[RpbContent, _Mapping]]] = ..., vclock: _Optional[bytes] = ..., unchanged: bool = ...) -> None: ...

class RpbPutReq(_message.Message):
    __slots__ = ("bucket", "key", "vclock", "content", "w", "dw", "return_body", "pw", "if_not_modified", "if_none_match", "return_head", "timeout", "asis", "sloppy_quorum", "n_val", "type", "node_confirms")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VCLOCK_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    W_FIELD_NUMBER: _ClassVar[int]
    DW_FIELD_NUMBER: _ClassVar[int]
    RETURN_BODY_FIELD_NUMBER: _ClassVar[int]
    PW_FIELD_NUMBER: _ClassVar[int]
    IF_NOT_MODIFIED_FIELD_NUMBER: _ClassVar[int]
    IF_NONE_MATCH_FIELD_NUMBER: _ClassVar[int]
    RETURN_HEAD_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    ASIS_FIELD_NUMBER: _ClassVar[int]
    SLOPPY_QUORUM_FIELD_NUMBER: _ClassVar[int]
    N_VAL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NODE_CONFIRMS_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    key: bytes
    vclock: bytes
    content: RpbContent
    w: int
    dw: int
    return_body: bool
    pw: int
    if_not_modified: bool
    if_none_match: bool
    return_head: bool
    timeout: int
    asis: bool
    sloppy_quorum: bool
    n_val: int
    type: bytes
    node_confirms: int
    def __init__(self, bucket: _Optional[bytes] = ..., key: _Optional[bytes] = ..., vclock: _Optional[bytes] = ..., content: _Optional[_Union[RpbContent, _Mapping]] = ..., w: _Optional[int] = ..., dw: _Optional[int] = ..., return_body: bool = ..., pw: _Optional[int] = ..., if_not_modified: bool = ..., if_none_match: bool = ..., return_head: bool = ..., timeout: _Optional[int] = ..., asis: bool = ..., sloppy_quorum: bool = ..., n_val: _Optional[int] = ..., type: _Optional[bytes] = ..., node_confirms: _Optional[int] = ...) -> None: ...

class RpbPutResp(_message.Message):
    __slots__ = ("content", "vclock", "key")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    VCLOCK_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    content: _containers.RepeatedCompositeFieldContainer[RpbContent]
    vclock: bytes
    key: bytes
    def __init__(self, content: _Optional[_Iterable[_Union[RpbContent, _Mapping]]] = ..., vclock: _Optional[bytes] = ..., key: _Optional[bytes] = ...) -> None: ...

class RpbDelReq(_message.Message):
    __slots__ = ("bucket", "key", "rw", "vclock", "r", "w", "pr", "pw", "dw", "timeout", "sloppy_quorum", "n_val", "type")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    RW_FIELD_NUMBER: _ClassVar[int]
    VCLOCK_FIELD_NUMBER: _ClassVar[int]
    R_FIELD_NUMBER: _ClassVar[int]
    W_FIELD_NUMBER: _ClassVar[int]
    PR_FIELD_NUMBER: _ClassVar[int]
    PW_FIELD_NUMBER: _ClassVar[int]
    DW_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    SLOPPY_QUORUM_FIELD_NUMBER: _ClassVar[int]
    N_VAL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    key: bytes
    rw: int
    vclock: bytes
    r: int
    w: int
    pr: int
    pw: int
    dw: int
    timeout: int
    sloppy_quorum: bool
    n_val: int
    type: bytes
    def __init__(self, bucket: _Optional[bytes] = ..., key: _Optional[bytes] = ..., rw: _Optional[int] = ..., vclock: _Optional[bytes] = ..., r: _Optional[int] = ..., w: _Optional[int] = ..., pr: _Optional[int] = ..., pw: _Optional[int] = ..., dw: _Optional[int] = ..., timeout: _Optional[int] = ..., sloppy_quorum: bool = ..., n_val: _Optional[int] = ..., type: _Optional[bytes] = ...) -> None: ...

class RpbBucketProps(_message.Message):
    __slots__ = ("n_val", "allow_mult", "last_write_wins", "pr", "r", "w", "pw", "dw", "basic_quorum", "notfound_ok", "consistent", "write_once")
    N_VAL_FIELD_NUMBER: _ClassVar[int]
    ALLOW_MULT_FIELD_NUMBER: _ClassVar[int]
    LAST_WRITE_WINS_FIELD_NUMBER: _ClassVar[int]
    PR_FIELD_NUMBER: _ClassVar[int]
    R_FIELD_NUMBER: _ClassVar[int]
    W_FIELD_NUMBER: _ClassVar[int]
    PW_FIELD_NUMBER: _ClassVar[int]
    DW_FIELD_NUMBER: _ClassVar[int]
    BASIC_QUORUM_FIELD_NUMBER: _ClassVar[int]
    NOTFOUND_OK_FIELD_NUMBER: _ClassVar[int]
    CONSISTENT_FIELD_NUMBER: _ClassVar[int]
    WRITE_ONCE_FIELD_NUMBER: _ClassVar[int]
    n_val: int
    allow_mult: bool
    last_write_wins: bool
    pr: int
    r: int
    w: int
    pw: int
    dw: int
    basic_quorum: bool
    notfound_ok: bool
    consistent: bool
    write_once: bool
    def __init__(self, n_val: _Optional[int] = ..., allow_mult: bool = ..., last_write_wins: bool = ..., pr: _Optional[int] = ..., r: _Optional[int] = ..., w: _Optional[int] = ..., pw: _Optional[int] = ..., dw: _Optional[int] = ..., basic_quorum: bool = ..., notfound_ok: bool = ..., consistent: bool = ..., write_once: bool = ...) -> None: ...

class RpbGetBucketReq(_message.Message):
    __slots__ = ("bucket", "type")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    type: bytes
    def __init__(self, bucket: _Optional[bytes] = ..., type: _Optional[bytes] = ...) -> None: ...

class RpbGetBucketTypeReq(_message.Message):
    __slots__ = ("type",)
    TYPE_FIELD_NUMBER: _ClassVar[int]
    type: bytes
    def __init__(self, type: _Optional[bytes] = ...) -> None: ...

class RpbGetBucketResp(_message.Message):
    __slots__ = ("props",)
    PROPS_FIELD_NUMBER: _ClassVar[int]
    props: RpbBucketProps
    def __init__(self, props: _Optional[_Union[RpbBucketProps, _Mapping]] = ...) -> None: ...

class RpbSetBucketReq(_message.Message):
    __slots__ = ("bucket", "props", "type")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    PROPS_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    props: RpbBucketProps
    type: bytes
    def __init__(self, bucket: _Optional[bytes] = ..., props: _Optional[_Union[RpbBucketProps, _Mapping]] = ..., type: _Optional[bytes] = ...) -> None: ...

class RpbListKeysReq(_message.Message):
    __slots__ = ("bucket", "timeout", "type")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    timeout: int
    type: bytes
    def __init__(self, bucket: _Optional[bytes] = ..., timeout: _Optional[int] = ..., type: _Optional[bytes] = ...) -> None: ...

class RpbListKeysResp(_message.Message):
    __slots__ = ("keys", "done")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedScalarFieldContainer[bytes]
    done: bool
    def __init__(self, keys: _Optional[_Iterable[bytes]] = ..., done: bool = ...) -> None: ...

class DtFetchReq(_message.Message):
    __slots__ = ("bucket", "key", "type", "timeout", "include_context")
    BUCKET_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_CONTEXT_FIELD_NUMBER: _ClassVar[int]
    bucket: bytes
    key: bytes
    type: bytes
    timeout: int
    include_context: bool
    def __init__(self, bucket: _Optional[bytes] = ..., key: _Optional[bytes] = ..., type: _Optional[bytes] = ..., timeout: _Optional[int] = ..., include_context: bool = ...) -> None: ...

class MapField(_message.Message):
    __slots__ = ("name", "type")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    name: bytes
    type: int
    def __init__(self, name: _Optional[bytes] = ..., type: _Optional[int] = ...) -> None: ...

class MapEntry(_message.Message):
    __slots__ = ("field", "register_value", "map_value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REGISTER_VALUE_FIELD_NUMBER: _ClassVar[int]
    MAP_VALUE_FIELD_NUMBER: _ClassVar[int]
    field: MapField
    register_value: bytes
    map_value: _containers.RepeatedCompositeFieldContainer[MapEntry]
    def __init__(self, field: _Optional[_Union[MapField, _Mapping]] = ..., register_value: _Optional[bytes] = ..., map_value: _Optional[_Iterable[_Union[MapEntry, _Mapping]]] = ...) -> None: ...

class DtValue(_message.Message):
    __slots__ = ("map_value",)
    MAP_VALUE_FIELD_NUMBER: _ClassVar[int]
    map_value: _containers.RepeatedCompositeFieldContainer[MapEntry]
    def __init__(self, map_value: _Optional[_Iterable[_Union[MapEntry, _Mapping]]] = ...) -> None: ...

class DtFetchResp(_message.Message):
    __slots__ = ("context", "type", "value")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    context: bytes
    type: int
    value: DtValue
    def __init__(self, context: _Optional[bytes] = ..., type: _Optional[int] = ..., value: _Optional[_Union[DtValue, _Mapping]] = ...) -> None: ...

class RpbAuthReq(_message.Message):
    __slots__ = ("user", "password")
    USER_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    user: bytes
    password: bytes
    def __init__(self, user: _Optional[bytes] = ..., password: _Optional[bytes] = ...) -> None: ...
