"""The real recogniser, on the micro-Whisper that the repository carries."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from asr.audio import SAMPLE_RATE, Audio, AudioLimits, Waveform, read_audio
from asr.errors import AudioSilent, SpeechModelAbsent, SpeechModelBroken
from asr.faster_whisper_recogniser import FasterWhisperRecogniser
from asr.models import load_recogniser, locate_model
from asr.recogniser import Hints
from asr.transcription import TranscriptionOptions, transcribe
from crm_core.foundation.settings import Settings
from tests.asr.recordings import FORMATS, encode, noise, tone

MICRO_WHISPER = Path(__file__).parent / "micro_whisper"
NOTES = json.loads((MICRO_WHISPER / "notes" / "notes.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recogniser() -> FasterWhisperRecogniser:
    return FasterWhisperRecogniser(MICRO_WHISPER / "model", "micro-whisper")


def _note(name: str) -> Audio:
    with (MICRO_WHISPER / "notes" / name).open("rb") as stream:
        return read_audio(stream, AudioLimits())


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note["file"])
def test_a_note_is_heard_word_for_word(note: dict[str, list[str]], recogniser: FasterWhisperRecogniser) -> None:
    found = transcribe(_note(str(note["file"])), recogniser, TranscriptionOptions())

    assert "".join(found.text.split()) == "".join(note["lines"])
    assert found.coverage > 0.8
    assert found.language == "zh"


def test_the_customers_names_as_hotwords_do_not_harm_other_words(recogniser: FasterWhisperRecogniser) -> None:
    hints = Hints(hotwords=("华能光伏电站", "王总", "HX-200"))

    found = transcribe(_note("machine_stops.wav"), recogniser, TranscriptionOptions(hints=hints))

    assert found.text == "客户抱怨设备经常停机。"


def test_each_sentence_has_the_seconds_in_which_it_is_said(recogniser: FasterWhisperRecogniser) -> None:
    audio = _note("visit_summary.ogg")

    found = transcribe(audio, recogniser, TranscriptionOptions()).segments

    assert len(found) == 8
    for sentence, heard in zip(found, recogniser.find_speech(audio.mono()), strict=True):
        assert sentence.start_seconds == pytest.approx(heard.start_seconds, abs=0.6)
        assert sentence.end_seconds == pytest.approx(heard.end_seconds, abs=0.6)


def test_a_model_with_words_gives_their_seconds_in_order(recogniser: FasterWhisperRecogniser) -> None:
    audio = _note("service_and_warranty.ogg")

    found = transcribe(audio, recogniser, TranscriptionOptions(hints=Hints(language="en")))

    words = [word for segment in found.segments for word in segment.words]
    assert words
    assert all(0 <= word.start_seconds <= word.end_seconds <= audio.duration_seconds for word in words)
    assert [word.start_seconds for word in words] == sorted(word.start_seconds for word in words)


def _fan(seed: int) -> Waveform:
    """Hum with its harmonics over faint noise."""
    instants = np.arange(6 * SAMPLE_RATE) / SAMPLE_RATE
    hum = sum(np.sin(2 * np.pi * 50 * order * instants) / order for order in range(1, 6))
    return (0.05 * hum).astype(np.float32)[np.newaxis] + noise(6, 0.01, seed)


SPEECHLESS = {
    **{f"silence of {seconds} s": np.zeros((1, seconds * SAMPLE_RATE), np.float32) for seconds in (1, 5, 40)},
    **{f"noise at {level}": noise(6, level, seed) for seed, level in enumerate((0.001, 0.01, 0.03, 0.1, 0.2, 0.3))},
    **{f"tone of {hertz} Hz": tone(6, hertz) for hertz in (50, 100, 440, 1000, 3000)},
    **{f"fan {seed}": _fan(seed) for seed in range(4)},
    "clicks": np.where(np.arange(6 * SAMPLE_RATE) % 8000 == 0, 0.9, 0.0).astype(np.float32)[np.newaxis],
    "offset": np.full((1, 5 * SAMPLE_RATE), 0.4, np.float32),
}


@pytest.mark.parametrize("what", SPEECHLESS)
def test_where_nobody_speaks_there_is_not_one_character(what: str, recogniser: FasterWhisperRecogniser) -> None:
    audio = read_audio(io.BytesIO(encode(SPEECHLESS[what], FORMATS["flac"])), AudioLimits())

    with pytest.raises(AudioSilent):
        transcribe(audio, recogniser, TranscriptionOptions())


def test_two_people_on_two_channels_are_told_apart(recogniser: FasterWhisperRecogniser) -> None:
    rep, customer = _note("machine_stops.wav").mono(), _note("service_and_warranty.wav").mono()
    length = max(len(rep), len(customer))
    call = np.stack([np.pad(rep, (0, length - len(rep))), np.pad(customer, (0, length - len(customer)))])

    found = transcribe(Audio(call), recogniser, TranscriptionOptions())

    by_channel = ["".join(one.text for one in found.segments if one.channel == channel) for channel in (0, 1)]
    assert by_channel == ["客户抱怨设备经常停机。", "售后维修等了三天才来人。质保期至少三年。我们会尽快提交方案。"]


def _settings(tmp_path: Path, speech_model: str | None = None) -> Settings:
    return Settings(_env_file=None, environment="test", data_folder=tmp_path, speech_model=speech_model)


def test_no_model_is_told_with_the_place_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(SpeechModelAbsent) as absent:
        load_recogniser(_settings(tmp_path))

    assert absent.value.parameters["place"] == str(tmp_path / "models" / "speech")


def test_a_hub_name_is_looked_up_on_this_machine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpeechModelAbsent):
        load_recogniser(_settings(tmp_path, "nobody/has-this-model"))


def test_a_model_in_the_data_folder_needs_no_setting(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "speech").symlink_to(MICRO_WHISPER / "model")

    assert load_recogniser(_settings(tmp_path)).model == "speech"


def test_an_incomplete_or_damaged_model_is_told_as_broken(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(SpeechModelBroken):
        locate_model(_settings(tmp_path, str(tmp_path)))
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(SpeechModelBroken):
        load_recogniser(_settings(tmp_path, str(tmp_path)))
