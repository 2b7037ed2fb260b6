"""Which models are there, seen without loading any of them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from asr.errors import SpeechModelAbsent, SpeechModelBroken
from asr.models import locate_model
from crm_core.foundation.settings import Settings
from knowledge.encoding import configured_encoder


@dataclass(frozen=True, slots=True)
class ModelCapability:
    """What a model is for, whether it is there, and where it was looked for."""

    name: Literal["speech", "text_encoder"]
    state: Literal["ready", "absent"]
    parameters: dict[str, Any] = field(default_factory=dict)


def model_capabilities(settings: Settings) -> list[ModelCapability]:
    """The state of each model of this installation."""
    return [
        _capability("speech", settings, is_ready=_hears(settings)),
        _capability("text_encoder", settings, is_ready=configured_encoder(settings) is not None),
    ]


def _hears(settings: Settings) -> bool:
    try:
        locate_model(settings)
    except (SpeechModelAbsent, SpeechModelBroken):
        return False
    return True


def _capability(name: Literal["speech", "text_encoder"], settings: Settings, *, is_ready: bool) -> ModelCapability:
    named = settings.speech_model if name == "speech" else settings.text_encoder
    place = named or str(settings.models_folder / name)
    return ModelCapability(name, "ready" if is_ready else "absent", {"place": place, "command": "dojo models pull"})
