"""What can be wrong with a file that is brought in, as a whole; single rows have problems of their own."""

from crm_core.foundation.errors import Conflict, Invalid, NotFound, TooLarge, Unsupported


class ImportNotFound(NotFound):
    code = "import_not_found"


class ImportUndecodable(Invalid):
    """The text is in none of the known encodings; parameters: byte_position, encodings."""

    code = "import_undecodable"


class ImportUnreadable(Unsupported):
    """Neither CSV nor a workbook that opens; parameters: found."""

    code = "import_unreadable"


class ImportWithoutRows(Invalid):
    code = "import_without_rows"


class ImportColumnsMissing(Invalid):
    """Columns that every row needs are not mapped; parameters: fields, headers."""

    code = "import_columns_missing"


class ImportMappingInvalid(Invalid):
    """The mapping names a header or field that does not exist, or one field twice; parameters: problem."""

    code = "import_mapping_invalid"


class ImportTooManyRows(TooLarge):
    code = "import_too_many_rows"


class ImportNotRehearsed(Conflict):
    """Only a rehearsed import is run, and only once; parameters: state."""

    code = "import_not_rehearsed"


class CellMissing(Invalid):
    """A cell that every row needs is blank; parameters: field."""

    code = "import_cell_missing"


class RowRepeated(Invalid):
    """The same record stands in an earlier row of the file; parameters: first_row."""

    code = "import_row_repeated"


class RowCustomerUnknown(Invalid):
    """A lead of a customer that is not there; parameters: name."""

    code = "import_customer_unknown"
