"""The client token of an attempt. Pure."""


def client_token(uid: str, attempt: int) -> str:
    """The idempotency token of StartJobRun: the object's uid, and for attempt n >= 2 ``<uid>-<n>``.

    A uid has 36 characters and the service takes 64 (botocore's model), so every attempt fits.
    """
    if attempt < 1:
        raise ValueError(f"attempts count from 1, not {attempt}")
    return uid if attempt == 1 else f"{uid}-{attempt}"
