"""What can go wrong, as families with stable codes.

A subclass says what happened by its name and `code`; `parameters` fill the sentences of the translation catalogues
(`error.<code>.what`, `.where`, `.remedy`). The families map to HTTP in one place, `api/problems.py`.
"""

from typing import Any, ClassVar


class ProductError(Exception):
    """Anything the product refuses or cannot do, told to the user by a stable code."""

    code: ClassVar[str] = "internal"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(self.code, parameters)
        self.parameters = parameters


class Invalid(ProductError):
    """The request is understood and wrong; it must be changed before it can succeed."""

    code = "invalid"


class NotFound(ProductError):
    """No such thing, or nothing that this viewer may know of."""

    code = "not_found"


class Conflict(ProductError):
    """Someone else was first, or the record is in a state that excludes this."""

    code = "conflict"


class Unauthenticated(ProductError):
    """Nobody is logged in, or the proof has expired."""

    code = "unauthenticated"


class Forbidden(ProductError):
    """The viewer is known and may not do this."""

    code = "forbidden"


class TooLarge(ProductError):
    """More bytes, seconds, pixels or rows than the limit."""

    code = "too_large"


class Unsupported(ProductError):
    """A kind of file or content that the product does not take."""

    code = "unsupported"


class TooManyAttempts(ProductError):
    """Refused at the moment; try again after a stated time."""

    code = "too_many_attempts"


class Unavailable(ProductError):
    """Something this needs is not there at the moment; the same request may succeed later."""

    code = "unavailable"


class Misconfigured(ProductError):
    """The installation is wrong; an operator must mend it."""

    code = "misconfigured"
