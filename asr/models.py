"""Which speech model the settings name, where it lies, and the one that a process has loaded."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from asr.errors import SpeechModelAbsent, SpeechModelBroken, SpeechModelNotChosen
from asr.faster_whisper_recogniser import FasterWhisperRecogniser, download_model
from asr.recogniser import SpeechRecogniser
from crm_core.foundation.settings import Settings

RECOMMENDED_MODEL = "small"

_NEEDED_FILES = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class SpeechModelStatus:
    """Whether transcription works; otherwise the error's code says why and its sentence what to do."""

    state: Literal["ready", "absent"]
    model: str | None
    code: str | None = None


def speech_model_status(settings: Settings) -> SpeechModelStatus:
    """Cheap: looks at files and loads nothing."""
    try:
        locate_model(settings)
    except (SpeechModelNotChosen, SpeechModelAbsent, SpeechModelBroken) as lacking:
        return SpeechModelStatus("absent", settings.speech_model, lacking.code)
    return SpeechModelStatus("ready", settings.speech_model)


def locate_model(settings: Settings) -> Path:
    """The folder of the chosen model. Raises SpeechModelNotChosen, SpeechModelAbsent, SpeechModelBroken."""
    if settings.speech_model is None:
        raise SpeechModelNotChosen(recommended=RECOMMENDED_MODEL)
    folder = model_folder(settings, settings.speech_model)
    if not folder.is_dir():
        raise SpeechModelAbsent(model=settings.speech_model)
    missing = [name for name in _NEEDED_FILES if not (folder / name).is_file()]
    if missing:
        raise SpeechModelBroken(model=settings.speech_model, reason=f"missing: {', '.join(missing)}")
    return folder


def model_folder(settings: Settings, name: str) -> Path:
    """Where a model lies, or would after `pull_model`: a folder's own path, or a place of its own by hub name."""
    given = Path(name).expanduser()
    return given if given.is_dir() else settings.models_folder / "speech" / name.replace("/", "--")


def pull_model(settings: Settings, name: str) -> Path:
    """Fetch a model from the hub; the answer to `dojo models pull`, never part of a request or job."""
    folder = settings.models_folder / "speech" / name.replace("/", "--")
    folder.mkdir(parents=True, exist_ok=True)
    download_model(name, folder)
    return folder


def load_recogniser(settings: Settings) -> SpeechRecogniser:
    """The chosen model, loaded once a process. Raises as `locate_model`."""
    folder = locate_model(settings)
    return _loaded(folder, settings.speech_model or folder.name)


@lru_cache(maxsize=1)
def _loaded(folder: Path, name: str) -> SpeechRecogniser:
    return FasterWhisperRecogniser(folder, name)
