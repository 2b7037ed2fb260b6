"""Where the speech model of an installation lies, and the one that a process has loaded."""

from functools import lru_cache
from pathlib import Path

from asr.errors import SpeechModelAbsent, SpeechModelBroken
from asr.faster_whisper_recogniser import FasterWhisperRecogniser
from asr.recogniser import SpeechRecogniser
from crm_core.foundation.settings import Settings

_WEIGHTS = "model.bin"
_OTHER_NEEDED_FILES = ("config.json", "tokenizer.json")


def locate_model(settings: Settings) -> Path:
    """The folder of the speech model, without loading it.

    The settings name a folder or a model of the hub that this machine has already fetched; unnamed, it is where
    `dojo models pull speech` puts it. Raises SpeechModelAbsent, SpeechModelBroken.
    """
    named = settings.speech_model
    folder = Path(named).expanduser() if named else settings.models_folder / "speech"
    if named and not folder.is_dir():
        folder = _fetched_earlier(named)
    if not (folder / _WEIGHTS).is_file():
        raise SpeechModelAbsent(model=named or "", place=str(folder))
    missing = [name for name in _OTHER_NEEDED_FILES if not (folder / name).is_file()]
    if missing:
        raise SpeechModelBroken(place=str(folder), reason=f"{', '.join(missing)} ✗")
    return folder


def load_recogniser(settings: Settings) -> SpeechRecogniser:
    """The speech model, loaded once a process. Raises SpeechModelAbsent, SpeechModelBroken."""
    folder = locate_model(settings)
    named = settings.speech_model
    # transcripts say which model heard them; where its folder lies on this machine is nobody's business
    is_hub_name = named is not None and not Path(named).expanduser().is_dir()
    return _loaded(folder, named if named and is_hub_name else folder.name)


@lru_cache(maxsize=1)
def _loaded(folder: Path, name: str) -> SpeechRecogniser:
    return FasterWhisperRecogniser(folder, name)


def _fetched_earlier(name: str) -> Path:
    """The folder of a hub model in this machine's cache; the network is not asked."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    repository = name if "/" in name else f"Systran/faster-whisper-{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError, OSError) as absent:
        raise SpeechModelAbsent(model=name, place=name) from absent
