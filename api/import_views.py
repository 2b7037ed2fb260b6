"""Imports on their way out: codes get their words."""

from typing import cast

from api.contracts.imports import ImportChoice, ImportColumn, ImportFacts, ImportField, RowProblem
from crm_core.customers.acting import Acting
from crm_core.foundation.files import FileStore
from crm_core.foundation.translations import Locale, translate
from crm_core.intake.error_files import said
from crm_core.intake.mapping import missing_fields
from crm_core.intake.results import results_of
from crm_core.intake.rows import Problem
from crm_core.intake.tables import ImportRun
from crm_core.intake.targets import ENTERED, REQUIRED, Field, Target, fields_of

_COLUMNS = (
    "id", "created_at", "target", "file_name", "encoding", "mapping", "value_mapping", "status", "rows_done",
    "rows_total", "rows_created", "rows_changed", "rows_unchanged", "rows_refused", "finished_at",
)  # fmt: skip


class ImportViews:
    """For one reader."""

    def __init__(self, acting: Acting, locale: Locale) -> None:
        self._acting = acting
        self._locale = locale

    def facts(self, run: ImportRun) -> ImportFacts:
        target = cast(Target, run.target)
        fields = [self._field(target, field) for field in fields_of(target, self._acting.playbook).values()]
        return ImportFacts(
            **{name: getattr(run, name) for name in _COLUMNS},
            columns=[self._column(run, column) for column in run.columns],
            fields=fields,
            missing=[self._missing(target, group) for group in missing_fields(target, run.mapping)],
            when_exists=run.options.get("when_exists", "leave"),
            creates_missing=run.options.get("creates_missing", False),
            date_order=run.options.get("date_order", "year_first"),
            problems_total=run.rows_refused + len(run.problems),
        )

    def problems(self, files: FileStore, run: ImportRun, *, limit: int, offset: int) -> list[RowProblem]:
        """Those of the file as a whole, then those of a page of bad rows."""
        whole = [] if offset else [self._problem(None, told) for told in run.problems]
        rows = results_of(files, run, ("refused",), offset=offset, limit=limit)
        return whole + [self._of_row(row.number, problem) for row in rows for problem in row.problems]

    def _problem(self, row: int | None, told: dict[str, object]) -> RowProblem:
        problem = Problem(told.get("column"), told["code"], told["parameters"])  # type: ignore[arg-type]
        return self._of_row(row, problem)

    def _of_row(self, row: int | None, problem: Problem) -> RowProblem:
        return RowProblem(
            row=row,
            column=problem.column,
            code=problem.code,
            what=said(problem, "what", self._locale),
            remedy=said(problem, "remedy", self._locale),
        )

    def _field(self, target: Target, field: Field) -> ImportField:
        groups = REQUIRED[target]
        return ImportField(
            code=field.code,
            label=self._label(target, field),
            required_group=next((number for number, group in enumerate(groups) if field.code in group), None),
            choices=[ImportChoice(code=one.code, name=getattr(one.name, self._locale)) for one in field.options],
        )

    def _label(self, target: Target, field: Field) -> str:
        own = getattr(field.label, self._locale) if field.label else None
        if own and field.code.startswith(ENTERED):
            return translate("import_field.entered", self._locale, stage=own)
        return own or translate(f"import_field.{target}.{field.code}", self._locale)

    def _missing(self, target: Target, group: str) -> str:
        return " / ".join(translate(f"import_field.{target}.{code}", self._locale) for code in group.split(" / "))

    def _column(self, run: ImportRun, column: dict[str, object]) -> ImportColumn:
        name = str(column["name"])
        values = column["values"] if column.get("has_few_values") else []
        return ImportColumn.model_validate(
            {"name": name, "samples": column["samples"], "values": values, "field": run.mapping.get(name)}
        )
