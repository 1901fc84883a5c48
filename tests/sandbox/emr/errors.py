"""The errors that the service answers with: code, HTTP status and wording. Pure."""

from typing import Any

THROTTLED_STATUS = 400  # the service's common errors list ThrottlingException with 400, not 429


class ServiceError(Exception):
    """One refusal as it goes over the wire."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    def body(self) -> dict[str, Any]:
        return {"message": self.message}


def validation(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message)


def unreadable(message: str) -> ServiceError:
    """A body that cannot be turned into the operation's input at all."""
    return ServiceError("SerializationException", message)


def throttled() -> ServiceError:
    return ServiceError("ThrottlingException", "Rate exceeded", THROTTLED_STATUS)


def denied(principal: str, operation: str, resource: str) -> ServiceError:
    action = f"emr-containers:{operation}"
    return ServiceError(
        "AccessDeniedException",
        f"User: {principal} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
        403,
    )


PRESETS: dict[str, tuple[str, str, int]] = {
    "throttle": ("ThrottlingException", "Rate exceeded", THROTTLED_STATUS),
    "expired": ("ExpiredTokenException", "The security token included in the request is expired", 403),
    "unrecognized": (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        403,
    ),
    "opt-in": ("OptInRequired", "The AWS Access Key Id needs a subscription for the service", 403),
    "internal": ("InternalServerException", "An internal error has occurred. Retry your request.", 500),
    "unavailable": ("ServiceUnavailableException", "Service is unable to handle request.", 503),
    "too-large": ("RequestEntityTooLargeException", "Request entity too large", 413),
}


def preset(name: str) -> ServiceError:
    code, message, status = PRESETS[name]
    return ServiceError(code, message, status)
