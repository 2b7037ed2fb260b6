"""The processes that a company may start from: each is the default one with whole sections of its own."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crm_core.process.errors import TemplateNotFound
from crm_core.process.playbook import Playbook
from crm_core.process.playbook_files import default_playbook, playbook_of_texts, read_folder
from crm_core.process.sections import Label, Section
from crm_core.process.yaml_text import read_yaml

_FOLDER = Path(__file__).with_name("templates")
_HEAD = "template.yaml"


class _Head(Section):
    name: Label
    description: Label
    #: whom it fits
    suits: Label


@dataclass(frozen=True, slots=True)
class Template:
    """A process to start from, in words."""

    code: str
    name: Label
    description: Label
    suits: Label


@cache
def templates() -> tuple[Template, ...]:
    """Every template, by code."""
    found = []
    for folder in sorted(path for path in _FOLDER.iterdir() if (path / _HEAD).is_file()):
        head = _Head.model_validate(read_yaml(_HEAD, (folder / _HEAD).read_bytes()).content)
        found.append(Template(folder.name, head.name, head.description, head.suits))
    return tuple(found)


@cache
def template_playbook(code: str) -> Playbook:
    """The whole playbook of a template. Raises TemplateNotFound, PlaybookInvalid."""
    known = [template.code for template in templates()]
    if code not in known:
        raise TemplateNotFound(template=code, allowed=", ".join(known))
    texts = [text for text in read_folder(_FOLDER / code) if text.name != _HEAD]
    return playbook_of_texts(texts, base=default_playbook().content())
