"""What can go wrong with customers and what hangs on them."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound, Unsupported


class CustomerNotFound(NotFound):
    code = "customer_not_found"


class CustomerExists(Conflict):
    """The same name, or one so near that it is most likely the same company; parameters: name, similar."""

    code = "customer_exists"


class ContactNotFound(NotFound):
    code = "contact_not_found"


class DocumentNotFound(NotFound):
    code = "document_not_found"


class DocumentKindUnknown(Invalid):
    code = "document_kind_unknown"


class DocumentTypeMismatch(Unsupported):
    """The bytes are not what this kind of document, or the file's name, says they are."""

    code = "document_type_mismatch"


class ChangedMeanwhile(Conflict):
    """Somebody wrote the record after this viewer had read it."""

    code = "changed_meanwhile"


class FieldUnknown(Invalid):
    code = "field_unknown"


class FieldValueInvalid(Invalid):
    """Parameters: field, value, problem."""

    code = "field_value_invalid"
