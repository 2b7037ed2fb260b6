"""Why a file is refused: one stable code each."""

from __future__ import annotations

from crm_core.foundation.errors import Conflict, Invalid, NotFound, ProductError, TooLarge, Unsupported


class DocumentRefused(ProductError):
    """A file that cannot be used, for a named reason."""

    code = "document_refused"


class DocumentEmpty(DocumentRefused, Invalid):
    code = "document_empty"


class DocumentTooLarge(DocumentRefused, TooLarge):
    code = "document_too_large"


class DocumentUnsupported(DocumentRefused, Unsupported):
    code = "document_unsupported"


class DocumentTypeMismatch(DocumentRefused, Invalid):
    code = "document_content_mismatch"


class DocumentEncrypted(DocumentRefused, Invalid):
    code = "document_encrypted"


class DocumentTruncated(DocumentRefused, Invalid):
    code = "document_truncated"


class DocumentDamaged(DocumentRefused, Invalid):
    code = "document_damaged"


class DocumentBomb(DocumentRefused, TooLarge):
    """Small outside, huge inside: packed data, pixels, or what a parser would make of it."""

    code = "document_bomb"


class DocumentUnsafe(DocumentRefused, Invalid):
    """Entities, paths that lead out of the package, nesting without end."""

    code = "document_unsafe"


class DocumentTimeout(DocumentRefused, TooLarge):
    code = "document_timeout"


class DocumentUnrecognisable(DocumentRefused, Invalid):
    """The pictures are too blurred or empty for their text to be read."""

    code = "document_unrecognisable"


REFUSALS: dict[str, type[DocumentRefused]] = {
    refusal.code: refusal
    for refusal in (
        DocumentEmpty,
        DocumentTooLarge,
        DocumentUnsupported,
        DocumentTypeMismatch,
        DocumentEncrypted,
        DocumentTruncated,
        DocumentDamaged,
        DocumentBomb,
        DocumentUnsafe,
        DocumentTimeout,
        DocumentUnrecognisable,
    )
}


class DocumentCheckNotFound(NotFound):
    code = "document_check_not_found"


class OverrideReasonMissing(Invalid):
    code = "override_reason_missing"


class CheckNotFinished(Conflict):
    """Nothing to override yet."""

    code = "document_check_not_finished"


class ParameterNotRequested(Invalid):
    """An override speaks of a parameter that the check was not asked about."""

    code = "parameter_not_requested"
