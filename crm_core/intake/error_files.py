"""The bad rows of an import as a table, as they came, with what is wrong; corrected, it is uploaded again."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from crm_core.foundation.files import FileStore
from crm_core.foundation.translations import Locale, translate
from crm_core.intake.errors import ErrorFileTooLong
from crm_core.intake.results import count_of, results_of
from crm_core.intake.rows import Problem, TableRow
from crm_core.intake.runs import header_of
from crm_core.intake.tables import ImportRun

#: what a worksheet holds, less the header
_WORKSHEET_ROWS = 1_048_575
_IN_MEMORY_BYTES = 8 << 20
#: numbers and telephone numbers begin like formulas and are none
_HARMLESS = re.compile(r"[+-]?[\d\s().,-]*")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def bad_rows(files: FileStore, run: ImportRun, locale: Locale) -> Iterator[list[str]]:
    """The header, then every bad row."""
    header = header_of(run)
    yield [*header, translate("import_file.problem", locale), translate("import_file.remedy", locale)]
    for row in results_of(files, run, ("refused",)):
        what = "\n".join(_located(problem, locale) for problem in row.problems)
        remedy = "\n".join(dict.fromkeys(said(problem, "remedy", locale) for problem in row.problems))
        yield [*_padded(row, len(header)), what, remedy]


def as_csv(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """With the mark by which spreadsheets know UTF-8."""
    yield b"\xef\xbb\xbf"
    for line in lines:
        buffer = StringIO()
        csv.writer(buffer).writerow([shielded(cell) for cell in line])
        yield buffer.getvalue().encode(errors="replace")


def as_workbook(files: FileStore, run: ImportRun, locale: Locale) -> IO[bytes]:
    """Raises ErrorFileTooLong."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    rows = count_of(run, ("refused",))
    if rows > _WORKSHEET_ROWS:
        raise ErrorFileTooLong(rows=rows, limit_rows=_WORKSHEET_ROWS)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for line in bad_rows(files, run, locale):
        sheet.append([_text_cell(WriteOnlyCell(sheet), cell) for cell in line])
    stream = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - handed on, closed by whoever sends it
    workbook.save(stream)
    stream.seek(0)
    return stream


def said(problem: Problem, part: str, locale: Locale) -> str:
    """What is wrong, or what to do about it."""
    return translate(f"error.{problem.code}.{part}", locale, **problem.parameters)


def shielded(cell: str) -> str:
    """A text that a spreadsheet would run gets an apostrophe; reading our own files takes it off again."""
    if cell.startswith(_DANGEROUS) and not _HARMLESS.fullmatch(cell):
        return f"'{cell}"
    return cell


def kept_by_workbooks(cell: str) -> str:
    """Without the characters that no workbook holds, and nothing that is run."""
    return _NOT_IN_XML.sub("", shielded(cell))


def _located(problem: Problem, locale: Locale) -> str:
    what = said(problem, "what", locale)
    return f"[{problem.column}] {what}" if problem.column else what


def _padded(row: TableRow, width: int) -> list[str]:
    """Cells beyond the header stand in the last one, so that nothing is lost."""
    cells = [*row.cells, *[""] * (width - len(row.cells))]
    return [*cells[: width - 1], " | ".join(cell for cell in cells[width - 1 :] if cell)]


def _text_cell(cell: Any, text: str) -> Any:
    """Text and nothing else: a formula is not run."""
    cell.value = kept_by_workbooks(text)
    cell.data_type = "s"
    return cell
