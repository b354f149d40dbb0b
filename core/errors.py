"""Everything the hub may refuse, as one tree; `hub/app.py` turns it into answers.

HubError
├── Malformed        400  the bytes or the address make no sense
├── Unauthenticated  401  no key, or not a valid one
├── Forbidden        403  a valid key that may not do this
├── NotFound         404  not there, or not yours: the two read the same
├── Conflict         409  it contradicts what is stored
├── TooLarge         413  more bytes or items than we take
├── Invalid          422  well-formed, but a field is wrong
├── TooMany          429  come back after `retry_after` seconds
├── Unavailable      503  it might work in a minute: retry
└── Refused          502  a vendor said no: tell someone
"""

from __future__ import annotations


class HubError(Exception):
    """A refusal a caller can act on: `code` for programs, `message` for people."""

    status = 500
    code = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        index: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.index = index
        self.retry_after = retry_after

    def describe(self) -> dict[str, str | int]:
        """The `error` object of an answer: `code`, `message`, and `field` and `index` if known."""
        known = {"field": self.field, "index": self.index}
        return {
            "code": self.code,
            "message": self.message,
            **{name: value for name, value in known.items() if value is not None},
        }


class Malformed(HubError):
    status, code = 400, "malformed"


class Unauthenticated(HubError):
    status, code = 401, "unauthenticated"


class Forbidden(HubError):
    status, code = 403, "forbidden"


class NotFound(HubError):
    status, code = 404, "not_found"


class Conflict(HubError):
    status, code = 409, "conflict"


class TooLarge(HubError):
    status, code = 413, "too_large"


class Invalid(HubError):
    status, code = 422, "invalid"


class TooMany(HubError):
    status, code = 429, "too_many_requests"


class Unavailable(HubError):
    status, code = 503, "unavailable"


class Refused(HubError):
    status, code = 502, "refused"
