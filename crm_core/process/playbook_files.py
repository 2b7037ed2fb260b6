"""Reads a playbook from a folder of YAML files, and says file, line and field of whatever is wrong."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from crm_core.process.errors import PlaybookInvalid
from crm_core.process.playbook import Playbook

_DEFAULT_FOLDER = Path(__file__).with_name("default")


@cache
def default_playbook() -> Playbook:
    """The process that a new company starts with."""
    return read_playbook(_DEFAULT_FOLDER)


def read_playbook(folder: Path) -> Playbook:
    """All YAML files of a folder as one playbook; each top-level section stands in one file. Raises PlaybookInvalid."""
    documents = {path.name: _parse(path) for path in sorted(folder.glob("*.yaml"))}
    content: dict[str, Any] = {}
    home: dict[str, str] = {}
    for file_name, document in documents.items():
        for section, value in _plain(document).items():
            if section in home:
                problem = f"this section also stands in {home[section]}"
                raise PlaybookInvalid(problems=[_problem(file_name, document, (section,), problem)])
            content[section], home[section] = value, file_name
    try:
        return Playbook.model_validate(content)
    except ValidationError as failure:
        raise PlaybookInvalid(problems=_located(failure, documents, home)) from failure


def _parse(path: Path) -> yaml.MappingNode:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as failure:
        raise PlaybookInvalid(problems=[_entry(path.name, 1, "", "the file is not UTF-8")]) from failure
    except yaml.MarkedYAMLError as failure:
        line = failure.problem_mark.line + 1 if failure.problem_mark else 1
        raise PlaybookInvalid(problems=[_entry(path.name, line, "", str(failure.problem))]) from failure
    if not isinstance(node, yaml.MappingNode):
        raise PlaybookInvalid(problems=[_entry(path.name, 1, "", "the file must hold named sections")])
    _refuse_repeated_keys(path.name, node, ())
    return node


def _refuse_repeated_keys(file_name: str, node: yaml.Node, place: tuple[str, ...]) -> None:
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            _refuse_repeated_keys(file_name, child, (*place, str(position)))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            where = (*place, str(key.value))
            if key.value in seen:
                line = key.start_mark.line + 1
                raise PlaybookInvalid(problems=[_entry(file_name, line, ".".join(where), "written twice")])
            seen.add(key.value)
            _refuse_repeated_keys(file_name, child, where)


def _plain(node: yaml.MappingNode) -> dict[str, Any]:
    loader = yaml.SafeLoader("")
    try:
        plain: dict[str, Any] = loader.construct_document(node)
        return plain
    finally:
        loader.dispose()


def _located(
    failure: ValidationError, documents: dict[str, yaml.MappingNode], home: dict[str, str]
) -> list[dict[str, Any]]:
    problems = []
    for issue in failure.errors(include_url=False):
        section = str(issue["loc"][0]) if issue["loc"] else ""
        file_name = home.get(section, "")
        node = documents.get(file_name)
        problems.append(_problem(file_name, node, issue["loc"], issue["msg"]))
    return problems


def _problem(file_name: str, root: yaml.Node | None, place: Sequence[str | int], problem: str) -> dict[str, Any]:
    return _entry(file_name, _line(root, place), ".".join(str(part) for part in place), problem)


def _entry(file_name: str, line: int, field: str, problem: str) -> dict[str, Any]:
    return {"file": file_name, "line": line, "field": field, "problem": problem}


def _line(root: yaml.Node | None, place: Sequence[str | int]) -> int:
    """The line of the deepest part of a place that the file has; 1 where it has none."""
    line, node = 1, root
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, child) for key, child in node.value if key.value == str(part)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
