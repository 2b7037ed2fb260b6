"""The company's own words for notifications, in place of the product's."""

from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from crm_core.foundation.translations import Locale, catalogue, translate
from crm_core.process.problems import ContentProblem
from crm_core.process.sections import Label

if TYPE_CHECKING:
    from crm_core.process.playbook import Playbook

_PREFIX = "notification."


@cache
def notification_sentences() -> Mapping[str, Label]:
    """Code of each notification → the product's own sentence."""
    english = catalogue("en")
    return {
        key.removeprefix(_PREFIX): Label(zh=sentence, en=english[key])
        for key, sentence in catalogue("zh").items()
        if key.startswith(_PREFIX)
    }


def placeholders(code: str) -> frozenset[str]:
    """What a notification can name: whatever its own sentence names in either language."""
    own = notification_sentences()[code]
    return _names(own.zh) | _names(own.en)


def notification_text(playbook: "Playbook", code: str, locale: Locale, parameters: Mapping[str, Any]) -> str:
    """The sentence of a notification, in the company's words where it has some."""
    own = playbook.wording.get(code)
    if own is None or any(_sentence_problems(code, locale, own.spoken(locale))):
        return translate(f"{_PREFIX}{code}", locale, **parameters)
    return own.spoken(locale).format_map({name: parameters.get(name, "") for name in placeholders(code)})


def wording_problems(playbook: "Playbook") -> Iterator[ContentProblem]:
    """Sentences for notifications that there are not, or that name what cannot be filled in."""
    known = notification_sentences()
    for code, label in playbook.wording.items():
        if code not in known:
            yield ContentProblem(
                ("wording", code), "wording_unknown", {"code": code, "allowed": ", ".join(sorted(known))}
            )
            continue
        for locale, sentence in (("zh", label.zh), ("en", label.en)):
            yield from _sentence_problems(code, locale, sentence)


def _sentence_problems(code: str, locale: str, sentence: str) -> Iterator[ContentProblem]:
    place = ("wording", code, locale)
    allowed = placeholders(code)
    try:
        strange = sorted(_names(sentence) - allowed)
    except ValueError:
        yield ContentProblem(place, "wording_unsound", {"code": code})
        return
    if strange:
        parameters = {"code": code, "names": ", ".join(strange), "allowed": ", ".join(sorted(allowed)) or "—"}
        yield ContentProblem(place, "wording_placeholder_unknown", parameters)


def _names(sentence: str) -> frozenset[str]:
    """The names in braces. Raises ValueError for braces that hold anything else."""
    names = set()
    for _, name, specification, conversion in Formatter().parse(sentence):
        if name is None:
            continue
        if not name.isidentifier() or specification or conversion:
            raise ValueError(name)
        names.add(name)
    return frozenset(names)
