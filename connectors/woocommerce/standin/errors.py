"""What the REST API says when it refuses, word for word."""

from __future__ import annotations

from typing import Any

from connectors.woocommerce.standin.values import Json


class WooError(Exception):
    """A refusal: what goes into the answer's body, and its status."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.data = data

    def body(self) -> Json:
        """The answer's body."""
        return {
            "code": self.code,
            "message": self.message,
            "data": {"status": self.status, **self.data},
        }

    def in_batch(self) -> Json:
        """The same as one item of a batch whose answer as a whole is 200."""
        return {"code": self.code, "message": self.message, "data": {"status": self.status}}


# What was tried → what is said to someone who is nobody. The same for no key, an unknown key, a
# scheme that this address does not take, and plain permalinks.
_DENIALS = {
    "list": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "view": ("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource."),
    "create": (
        "woocommerce_rest_cannot_create",
        "Sorry, you are not allowed to create resources.",
    ),
    "edit": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "delete": (
        "woocommerce_rest_cannot_delete",
        "Sorry, you are not allowed to delete this resource.",
    ),
    "batch": (
        "woocommerce_rest_cannot_batch",
        "Sorry, you are not allowed to batch manipulate this resource.",
    ),
}


def nobody(action: str) -> WooError:
    """The misleading 401: it never says that the key is the problem."""
    return WooError(401, *_DENIALS[action])


def unauthenticated(message: str) -> WooError:
    """A 401 to someone whose key is known but whose request is wrong."""
    return WooError(401, "woocommerce_rest_authentication_error", message)


def invalid(parameter: str, why: str, code: str = "rest_invalid_param") -> WooError:
    """A 400 about one parameter."""
    return WooError(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {parameter}",
        params={parameter: why},
        details={parameter: {"code": code, "message": why, "data": None}},
    )


def missing(*parameters: str) -> WooError:
    return WooError(
        400,
        "rest_missing_callback_param",
        f"Missing parameter(s): {', '.join(parameters)}",
        params=list(parameters),
    )


def gone(code: str, message: str = "Invalid ID.") -> WooError:
    """A 404 for an id that is not there, or not of this kind."""
    return WooError(404, code, message)


def no_route() -> WooError:
    return WooError(404, "rest_no_route", "No route was found matching the URL and request method.")


def no_trash(kind: str) -> WooError:
    """A 501 to a DELETE without `force=true` of something that cannot be in the trash."""
    return WooError(501, "woocommerce_rest_trash_not_supported", f"{kind} do not support trashing.")
