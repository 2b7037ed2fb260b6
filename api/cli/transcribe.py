"""`dojo transcribe FILE…`: the words of recordings, without the database."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from asr.audio import read_audio
from asr.models import load_recogniser
from asr.recogniser import Hints, Transcription
from asr.submissions import audio_limits
from asr.transcription import TranscriptionOptions, transcribe
from crm_core.foundation.errors import ProductError
from crm_core.foundation.settings import Settings
from crm_core.foundation.translations import translate

OutputFormat = Literal["text", "json", "srt"]


def register(app: typer.Typer) -> None:
    app.command("transcribe")(transcribe_files)


def transcribe_files(
    files: Annotated[list[Path], typer.Argument(help="Recordings in any format.", exists=True, dir_okay=False)],
    *,
    model: Annotated[str | None, typer.Option(help="Folder or hub name of another model.")] = None,
    hotword: Annotated[list[str] | None, typer.Option(help="A name that is likely to be said; repeatable.")] = None,
    language: Annotated[str, typer.Option(help="zh, en, …, or auto to find out.")] = "zh",
    form: Annotated[OutputFormat, typer.Option("--format", help="text, json (a line for each file) or srt.")] = "text",
) -> None:
    """Print what is said in recordings; a file that cannot be heard is named, and the others go on."""
    settings = Settings() if model is None else Settings(speech_model=model)
    recogniser = load_recogniser(settings)
    options = TranscriptionOptions(Hints(None if language == "auto" else language, tuple(hotword or ())))
    refused = 0
    for path in files:
        try:
            with path.open("rb") as stream:
                found = transcribe(read_audio(stream, audio_limits(settings)), recogniser, options)
        except ProductError as refusal:
            refused += 1
            print(f"{path}: {translate(f'error.{refusal.code}.what', 'en', **refusal.parameters)}", file=sys.stderr)
        else:
            print(_written(path, found, form))
    if refused:
        raise typer.Exit(code=1)


def _written(path: Path, found: Transcription, form: OutputFormat) -> str:
    if form == "json":
        facts = {"file": str(path), "coverage": found.coverage, "confidence": found.confidence, **asdict(found)}
        return json.dumps(facts, ensure_ascii=False)
    if form == "srt":
        return "\n\n".join(
            f"{number}\n{_stamp(line.start_seconds)} --> {_stamp(line.end_seconds)}\n{line.text}"
            for number, line in enumerate(found.segments, start=1)
        )
    return found.text


def _stamp(seconds: float) -> str:
    """Hours, minutes, seconds and milliseconds as SubRip writes them."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02},{rest % 1000:03}"
