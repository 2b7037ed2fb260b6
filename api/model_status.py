"""Which models are there, seen without loading any of them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crm_core.foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelCapability:
    """What a model is for, whether it is there, and where it was looked for."""

    name: Literal["speech", "text_encoder"]
    state: Literal["ready", "absent"]
    parameters: dict[str, Any] = field(default_factory=dict)


#: a file by which the folder of each kind of model is known
_MARKS = {"speech": "model.bin", "text_encoder": "modules.json"}


def model_capabilities(settings: Settings) -> list[ModelCapability]:
    """The state of each model of this installation."""
    return [
        _capability("speech", settings.speech_model, settings.models_folder / "speech"),
        _capability("text_encoder", settings.text_encoder, settings.models_folder / "text_encoder"),
    ]


def _capability(name: Literal["speech", "text_encoder"], named: str | None, default: Path) -> ModelCapability:
    folder = Path(named) if named else default
    state: Literal["ready", "absent"] = "ready" if (folder / _MARKS[name]).is_file() else "absent"
    return ModelCapability(name, state, {"place": str(folder), "command": "dojo models pull"})
