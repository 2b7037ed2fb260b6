"""What can be wrong with a file that is brought in, and with its rows and cells."""

from crm_core.foundation.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, Unsupported


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


class ImportTooManyColumns(TooLarge):
    """Parameters: columns, limit_columns."""

    code = "import_too_many_columns"


class ImportNotRehearsed(Conflict):
    """Only a rehearsed import is run, and only once; parameters: state."""

    code = "import_not_rehearsed"


class ImportAtWork(Conflict):
    """Its columns cannot be mapped anew, or it cannot be cancelled, in this state; parameters: state."""

    code = "import_at_work"


class ErrorFileTooLong(TooLarge):
    """More bad rows than a worksheet holds; parameters: rows, limit_rows."""

    code = "import_error_file_too_long"


class CellMissing(Invalid):
    """A cell that every row needs is blank; parameters: field."""

    code = "import_cell_missing"


class CellTooLong(Invalid):
    """Parameters: length, limit."""

    code = "import_cell_too_long"


class CellBroken(Invalid):
    """The spreadsheet's own error stands where a value should; parameters: value."""

    code = "import_cell_broken"


class CellNotNumber(Invalid):
    code = "import_cell_not_number"


class CellOutOfRange(Invalid):
    """Parameters: value, lowest, highest."""

    code = "import_cell_out_of_range"


class CellNotDate(Invalid):
    code = "import_cell_not_date"


class CellDateAmbiguous(Invalid):
    """Which number is the day, or which century; parameters: value."""

    code = "import_cell_date_ambiguous"


class CellDayUnreal(Invalid):
    """A date that the calendar does not have; parameters: value."""

    code = "import_cell_day_unreal"


class CellPersonUnknown(Invalid):
    code = "import_cell_person_unknown"


class CellPersonAmbiguous(Invalid):
    """Several people have this name; parameters: value, numbers."""

    code = "import_cell_person_ambiguous"


class CellRegionUnknown(Invalid):
    """Parameters: value, known."""

    code = "import_cell_region_unknown"


class CellChoiceUnknown(Invalid):
    """Parameters: value, allowed_zh, allowed_en."""

    code = "import_cell_choice_unknown"


class CellChoicesMiscounted(Invalid):
    """Parameters: count, found."""

    code = "import_cell_choices_miscounted"


class RowTooWide(Invalid):
    """More cells than the header has: something has shifted; parameters: cells, columns."""

    code = "import_row_too_wide"


class RowRepeated(Invalid):
    """The same record stands in an earlier row of the file; parameters: first_row."""

    code = "import_row_repeated"


class RowCustomerUnknown(Invalid):
    """A lead of a customer that is not there; parameters: name."""

    code = "import_customer_unknown"


class RowBeyondReach(Forbidden):
    """The record is there, and not within the reach of whoever imports; parameters: name."""

    code = "import_row_beyond_reach"


class LeadUnknown(Invalid):
    """No lead has this number; parameters: number."""

    code = "import_lead_unknown"


class LeadHasMoved(Invalid):
    """It has moves of its own here, so its past is no longer taken from elsewhere; parameters: number."""

    code = "import_lead_has_moved"


class PastDateMissing(Invalid):
    """Something happened and no column says when; parameters: event."""

    code = "import_past_date_missing"


class PastOutOfOrder(Invalid):
    """Parameters: earlier, earlier_on, later, later_on: the later thing is dated before the earlier one."""

    code = "import_past_out_of_order"


class PastInFuture(Invalid):
    code = "import_past_in_future"


class PastRowsRefused(Invalid):
    """Another row of the same lead is wrong, so its past would have a hole; parameters: row."""

    code = "import_past_rows_refused"
