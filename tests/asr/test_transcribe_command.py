"""`dojo transcribe`: recordings in, words out, in the form that was asked for."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import assemble

MICRO_WHISPER = Path(__file__).parent / "micro_whisper"
NOTES = MICRO_WHISPER / "notes"
RUNNER = CliRunner()


def _run(*arguments: str) -> tuple[int, str, str]:
    result = RUNNER.invoke(assemble(), ["transcribe", "--model", str(MICRO_WHISPER / "model"), *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_words_are_printed_and_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound in here" * 100)

    code, words, complaints = _run(str(broken), str(NOTES / "machine_stops.amr"))

    assert code == 1
    assert words == "客户抱怨设备经常停机。\n"
    assert "broken.mp3: This file is not a recording" in complaints


def test_json_carries_times_and_subtitles_their_stamps() -> None:
    code, words, _ = _run(str(NOTES / "machine_stops.wav"), "--format", "json")
    found = json.loads(words)
    assert code == 0
    assert found["segments"][0]["text"] == "客户抱怨设备经常停机。"
    assert found["coverage"] == pytest.approx(1.0, abs=0.2)

    _, subtitles, _ = _run(str(NOTES / "machine_stops.wav"), "--format", "srt")
    number, stamps, text = subtitles.strip().split("\n")
    assert (number, text) == ("1", "客户抱怨设备经常停机。")
    assert stamps.startswith("00:00:0")
    assert " --> 00:00:0" in stamps


def test_without_a_model_the_command_says_how_to_get_one(tmp_path: Path) -> None:
    result = RUNNER.invoke(
        assemble(), ["transcribe", "--model", str(tmp_path / "nothing"), str(NOTES / "machine_stops.wav")]
    )

    assert getattr(result.exception, "code", None) == "speech_model_absent"
