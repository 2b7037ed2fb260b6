"""What an examination finds, as codes and parameters; the sentences stand in the catalogues under `doctor`."""

from dataclasses import dataclass, field
from typing import Any, Literal

from crm_core.foundation.errors import ProductError
from crm_core.foundation.translations import Locale, has_sentence, translate

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `key` names its sentences, `doctor.<key>` or `error.<key>`."""

    check: str
    state: State
    key: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def message(self, locale: Locale) -> str:
        """What is so."""
        return translate(f"{self.key}.what", locale, **self.parameters)

    def remedy(self, locale: Locale) -> str | None:
        """How to mend it; None where nothing is wrong."""
        key = f"{self.key}.remedy"
        return translate(key, locale, **self.parameters) if has_sentence(key, locale) else None


def found(check: str, state: State, /, outcome: str | None = None, **parameters: Any) -> Finding:
    """A finding whose sentences are `doctor.<check>.<outcome>`; the outcome is named after the state by default."""
    return Finding(check, state, f"doctor.{check}.{outcome or state}", parameters)


def refused(check: str, error: ProductError) -> Finding:
    """A finding that the product itself has already put in words."""
    return Finding(check, "fail", f"error.{error.code}", error.parameters)
