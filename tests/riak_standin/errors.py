"""Errors that end a request."""


class RiakError(Exception):
    """A refused request, with the text of Riak's `RpbErrorResp`."""

    def __init__(self, text: str | bytes, *, closes: bool = False) -> None:
        super().__init__(text)
        self.text = text if isinstance(text, bytes) else text.encode()
        self.closes = closes


def malformed(message: str, body: bytes) -> RiakError:
    """A body that does not decode. Riak replies with an Erlang stack trace and closes the connection."""
    shown = body if body.decode("latin-1").isprintable() else ",".join(map(str, body)).encode()
    quote = b'"' if shown is body else b""
    term = b"{gpb_error,{decoding_failure,{<<%b%b%b>>,%b}}}" % (quote, shown, quote, message.lower().encode())
    return RiakError(b"Error processing incoming message: error:" + term, closes=True)
