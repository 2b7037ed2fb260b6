"""What is wrong with a playbook, place by place, and what its validation says in words of both languages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from crm_core.foundation.translations import Locale, has_sentence, translate
from crm_core.process.paths import field_path

Place = tuple[str | int, ...]

_LONGEST_SHOWN = 60
#: kinds of mistakes that pydantic tells apart and readers need not
_SAME_AS = {
    "int_from_float": "int_type",
    "int_parsing": "int_type",
    "int_parsing_size": "int_type",
    "float_type": "number",
    "float_parsing": "number",
    "finite_number": "number",
    "decimal_type": "number",
    "decimal_parsing": "number",
    "bool_type": "yes_or_no",
    "bool_parsing": "yes_or_no",
    "date_type": "date",
    "date_parsing": "date",
    "date_from_datetime_parsing": "date",
    "date_from_datetime_inexact": "date",
    "time_type": "time",
    "time_parsing": "time",
    "tuple_type": "list",
    "list_type": "list",
    "dict_type": "mapping",
    "mapping_type": "mapping",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
    "invalid_key": "key",
}


@dataclass(frozen=True, slots=True)
class ContentProblem:
    """One mistake: where it stands in the content, its kind, and what its sentences name."""

    place: Place
    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def what(self, locale: Locale) -> str:
        return translate(f"playbook_problem.{self.code}.what", locale, **self.parameters)

    def remedy(self, locale: Locale) -> str:
        return translate(f"playbook_problem.{self.code}.remedy", locale, **self.parameters)

    def as_json(self, content: Any = None, *, file: str | None = None, line: int | None = None) -> dict[str, Any]:
        return {
            "file": file,
            "line": line,
            "field": field_path(content, self.place),
            "code": self.code,
            "what": {"zh": self.what("zh"), "en": self.what("en")},
            "remedy": {"zh": self.remedy("zh"), "en": self.remedy("en")},
        }


def problems_of(failure: ValidationError) -> Iterator[ContentProblem]:
    """What pydantic found; what our own checks across sections found travels in one of its entries."""
    for issue in failure.errors(include_url=False):
        parameters = issue.get("ctx", {})
        if issue["type"] == "playbook_inconsistent":
            yield from parameters["problems"]
            continue
        place = tuple(part for part in issue["loc"] if part != "[key]")
        code = _SAME_AS.get(issue["type"], issue["type"])
        if not has_sentence(f"playbook_problem.{code}.what", "zh"):
            code = "value_invalid"
        yield ContentProblem(place, code, {"value": _shown(issue["input"]), **_plain(parameters)})


def told(problems: Iterable[Mapping[str, Any]], locale: Locale, *, at_most: int = 10) -> str:
    """Several problems as lines of one text."""
    lines = [_line(problem, locale) for problem in problems]
    return "\n".join([*lines[:at_most], *([f"… +{len(lines) - at_most}"] if len(lines) > at_most else [])])


def _line(problem: Mapping[str, Any], locale: Locale) -> str:
    place = ":".join(str(part) for part in (problem["file"], problem["line"]) if part is not None)
    where = " ".join(part for part in (place, problem["field"]) if part)
    separator = "：" if locale == "zh" else ": "
    sentence = f"{problem['what'][locale]} {problem['remedy'][locale]}"
    return f"{where}{separator}{sentence}" if where else sentence


def _plain(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).replace(" or ", ", ") for name, value in parameters.items()}


def _shown(value: Any) -> str:
    """What somebody wrote, short enough for a sentence."""
    text = "" if isinstance(value, dict | list | tuple) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
