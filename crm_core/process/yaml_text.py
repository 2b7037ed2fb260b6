"""Reads YAML that strangers wrote: within bounds, without anchors, tags and repeated keys, each value as it was typed.

Only what YAML 1.2 takes for a number, true, false or null is one. The older rules would turn 13:30 into 810, `no`
into false and 007 into 7, and nobody would see it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from crm_core.process.errors import PlaybookInvalid, PlaybookTooLarge
from crm_core.process.problems import ContentProblem, Place

LARGEST_BYTES = 2 << 20
#: levels of nesting; a playbook has less than ten
DEEPEST = 24
_UNKEPT_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen when it runs
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol


_DIGITS = list("-+0123456789.")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})$"), _DIGITS)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,17}(?:[eE][-+]?[0-9]{1,2})?$"),
    _DIGITS,
)


@dataclass(frozen=True, slots=True)
class YamlText:
    """One document: where each part stands, and what it says."""

    name: str
    root: yaml.MappingNode
    content: dict[str, Any]

    def refusal(self, place: Place, code: str, **parameters: Any) -> PlaybookInvalid:
        return PlaybookInvalid([self.located(ContentProblem(place, code, parameters))])

    def located(self, problem: ContentProblem) -> dict[str, Any]:
        """The problem with file and line."""
        return problem.as_json(self.content, file=self.name, line=self.line(problem.place))

    def line(self, place: Sequence[str | int]) -> int:
        """The line of the deepest part of a place that the document has; 1 where it has none."""
        line, node = 1, self.root
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


def read_yaml(name: str, data: bytes) -> YamlText:
    """A mapping of named sections. Raises PlaybookInvalid with the line, PlaybookTooLarge."""
    if len(data) > LARGEST_BYTES:
        raise PlaybookTooLarge(limit_megabytes=LARGEST_BYTES >> 20, size_megabytes=round(len(data) / (1 << 20), 1))
    text = _decoded(name, data)
    try:
        _refuse_what_expands(name, text)
        root = yaml.compose(text, Loader=_Loader)
        if not isinstance(root, yaml.MappingNode):
            raise _refused(name, 1, "sections_needed")
        for problem_line, path, code in _unsound_nodes(root, ()):
            raise _refused(name, problem_line, code, path)
        return YamlText(name, root, _plain(root))
    except yaml.MarkedYAMLError as failure:
        line = failure.problem_mark.line + 1 if failure.problem_mark else 1
        raise _refused(name, line, "yaml_broken", problem=str(failure.problem)) from failure


def _decoded(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise _refused(name, data.count(b"\n", 0, failure.start) + 1, "not_utf8") from failure
    unprintable = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if unprintable:
        raise _refused(name, text.count("\n", 0, unprintable.start()) + 1, "unprintable")
    return text


def _refuse_what_expands(name: str, text: str) -> None:
    """Before anything is built: a few lines of aliases would become gigabytes, deep nesting would exhaust the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(name, line, "anchor_used")
        tag = getattr(event, "tag", None)
        if tag:
            raise _refused(name, line, "tag_used", tag=str(tag))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _refused(name, line, "too_deep", limit=DEEPEST)


def _unsound_nodes(node: yaml.Node, place: Place) -> Iterator[tuple[int, Place, str]]:
    """Line, place and kind of repeated keys, keys that are no words, and characters that no database keeps."""
    if isinstance(node, yaml.ScalarNode) and _UNKEPT_CHARACTER.search(node.value):
        yield node.start_mark.line + 1, place, "unprintable"
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            yield from _unsound_nodes(child, (*place, position))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                yield line, place, "key"
                continue
            if key.value in seen:
                yield line, (*place, key.value), "written_twice"
            seen.add(key.value)
            yield from _unsound_nodes(key, (*place, key.value))
            yield from _unsound_nodes(child, (*place, key.value))


def _plain(root: yaml.MappingNode) -> dict[str, Any]:
    for key_node in _keys(root):
        # employee numbers and codes as keys are words, whatever they look like
        key_node.tag = "tag:yaml.org,2002:str"
    loader = _Loader("")
    try:
        plain: dict[str, Any] = loader.construct_document(root)
        return plain
    finally:
        loader.dispose()


def _keys(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _keys(child)
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            yield key
            yield from _keys(child)


def _refused(name: str, line: int, code: str, place: Place = (), **parameters: Any) -> PlaybookInvalid:
    return PlaybookInvalid([ContentProblem(place, code, parameters).as_json(file=name, line=line)])
