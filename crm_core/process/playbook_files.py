"""Reads playbooks from YAML, a folder or one document, and writes one; says file, line and field of what is wrong."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from crm_core.process.consistency import contradictions
from crm_core.process.errors import PlaybookInvalid
from crm_core.process.playbook import Playbook
from crm_core.process.problems import ContentProblem, problems_of
from crm_core.process.yaml_text import YamlText, read_yaml


class _Dumper(yaml.SafeDumper):
    """Writes equal parts out each time: what we read takes no aliases."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


_DEFAULT_FOLDER = Path(__file__).with_name("default")


@cache
def default_playbook() -> Playbook:
    """The process that a new company starts with."""
    return read_playbook(_DEFAULT_FOLDER)


def read_playbook(folder: Path) -> Playbook:
    """All YAML files of a folder as one playbook; each top-level section stands in one file. Raises PlaybookInvalid."""
    return playbook_of_texts(read_folder(folder))


def read_folder(folder: Path) -> list[YamlText]:
    return [read_yaml(path.name, path.read_bytes()) for path in sorted(folder.glob("*.yaml"))]


def read_document(name: str, data: bytes) -> Playbook:
    """One YAML document as a playbook. Raises PlaybookInvalid with lines, PlaybookTooLarge."""
    return playbook_of_texts([read_yaml(name, data)])


def playbook_of_texts(texts: Sequence[YamlText], *, base: Mapping[str, Any] | None = None) -> Playbook:
    """Several documents as one playbook; sections that none of them has come from the base."""
    content: dict[str, Any] = dict(base or {})
    home: dict[str, YamlText] = {}
    for text in texts:
        for section, value in text.content.items():
            if section in home:
                raise text.refusal((section,), "section_elsewhere", file=home[section].name)
            content[section], home[section] = value, text
    try:
        return checked_playbook(content)
    except _Unsound as unsound:
        raise PlaybookInvalid([_located(problem, content, home) for problem in unsound.problems]) from unsound


def playbook_of_content(content: Mapping[str, Any]) -> Playbook:
    """Plain values as a playbook that may be published. Raises PlaybookInvalid with fields."""
    try:
        return checked_playbook(content)
    except _Unsound as unsound:
        raise PlaybookInvalid([problem.as_json(content) for problem in unsound.problems]) from unsound


class _Unsound(Exception):
    """Plain values that are no playbook, or one that contradicts itself."""

    def __init__(self, problems: Sequence[ContentProblem]) -> None:
        super().__init__(len(problems))
        self.problems = problems


def checked_playbook(content: Mapping[str, Any]) -> Playbook:
    try:
        playbook = Playbook.model_validate(content)
    except ValidationError as failure:
        raise _Unsound(list(problems_of(failure))) from failure
    found = contradictions(playbook)
    if found:
        raise _Unsound(found)
    return playbook


def as_yaml(content: Mapping[str, Any]) -> str:
    """The whole playbook as one YAML document; reading it gives the same playbook.

    The database keeps no order of keys, so they are put back into ours; content that is no playbook stays as it is.
    """
    try:
        ordered = Playbook.model_validate(content).content()
    except ValidationError:
        ordered = dict(content)
    return yaml.dump(_without_nothing(ordered), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def _without_nothing(value: Any) -> Any:
    """What is not given needs no line: null is nobody's meaning but "not given"."""
    if isinstance(value, Mapping):
        return {key: _without_nothing(part) for key, part in value.items() if part is not None}
    return [_without_nothing(part) for part in value] if isinstance(value, list) else value


def _located(problem: ContentProblem, content: Mapping[str, Any], home: Mapping[str, YamlText]) -> dict[str, Any]:
    text = home.get(str(problem.place[0])) if problem.place else None
    return text.located(problem) if text else problem.as_json(content)
