from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Notification(_message.Message):
    __slots__ = ("id", "category", "message", "created_at", "property")
    class PropertyEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    PROPERTY_FIELD_NUMBER: _ClassVar[int]
    id: str
    category: str
    message: str
    created_at: int
    property: _containers.ScalarMap[str, str]
    def __init__(self, id: _Optional[str] = ..., category: _Optional[str] = ..., message: _Optional[str] = ..., created_at: _Optional[int] = ..., property: _Optional[_Mapping[str, str]] = ...) -> None: ...

class NotificationList(_message.Message):
    __slots__ = ("notification", "deleted_id")
    NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    DELETED_ID_FIELD_NUMBER: _ClassVar[int]
    notification: _containers.RepeatedCompositeFieldContainer[Notification]
    deleted_id: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, notification: _Optional[_Iterable[_Union[Notification, _Mapping]]] = ..., deleted_id: _Optional[_Iterable[str]] = ...) -> None: ...
