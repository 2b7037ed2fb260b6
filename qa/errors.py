"""Why a file is refused: one stable code each."""

from __future__ import annotations


class DocumentRefused(Exception):
    """A file that cannot be used; `code` is stable, `parameters` fill the sentence shown for it."""

    code = "document_unsupported"

    def __init__(self, **parameters: str | int | float) -> None:
        super().__init__(self.code, parameters)
        self.parameters = parameters


class DocumentEmpty(DocumentRefused):
    code = "document_empty"


class DocumentTooLarge(DocumentRefused):
    code = "document_too_large"


class DocumentUnsupported(DocumentRefused):
    code = "document_unsupported"


class DocumentTypeMismatch(DocumentRefused):
    code = "document_type_mismatch"


class DocumentEncrypted(DocumentRefused):
    code = "document_encrypted"


class DocumentTruncated(DocumentRefused):
    code = "document_truncated"


class DocumentDamaged(DocumentRefused):
    code = "document_damaged"


class DocumentBomb(DocumentRefused):
    code = "document_bomb"


class DocumentUnsafe(DocumentRefused):
    code = "document_unsafe"


class DocumentTimeout(DocumentRefused):
    code = "document_timeout"


class DocumentUnrecognisable(DocumentRefused):
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
