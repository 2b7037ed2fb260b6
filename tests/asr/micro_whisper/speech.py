"""Synthesised Mandarin (espeak-ng) and the training examples made of it."""

import io
import random
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from .sentences import PROMPT, SENTENCES, SPECIAL_TOKENS, byte_alphabet, vocabulary

Waveform = NDArray[np.float32]

SAMPLE_RATE = 16_000
TRAINING_VOICES = (
    *("", "m1", "m2", "m3", "m4", "m6", "m8", "f1", "f2", "f4"),
    *("Andrea", "Annie", "Linda", "Alex", "Max", "Michael", "David", "Marco", "Mike"),
)
HELD_OUT_VOICES = ("m5", "m7", "f3", "f5")
TOKEN_IDS = {token: place for place, token in enumerate(vocabulary())}
END, START, PREVIOUS, NO_SPEECH, NO_TIMESTAMPS = (TOKEN_IDS[SPECIAL_TOKENS[place]] for place in (0, 1, 5, 6, 7))
IGNORED = -100
ALPHABET = byte_alphabet()


@dataclass(frozen=True)
class Clip:
    """One spoken sentence without the silence around it."""

    sentence: str
    waveform: Waveform


@dataclass(frozen=True)
class Example:
    """A window of audio with the decoder's input and expected output ids and the bare text ids for CTC."""

    waveform: Waveform
    decoder_input: list[int]
    decoder_output: list[int]
    text: list[int]


def speak(text: str, voice: str, words_per_minute: int, pitch: int) -> Waveform:
    """Say `text` with an espeak-ng voice variant; silence at both ends is cut off."""
    name = f"cmn+{voice}" if voice else "cmn"
    command = ["espeak-ng", "-v", name, "-s", str(words_per_minute), "-p", str(pitch), "--stdout", text]
    spoken = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(spoken)) as reader:
        rate = reader.getframerate()
        samples = np.frombuffer(reader.readframes(1 << 30), dtype=np.int16).astype(np.float32) / 32768
    samples = resample(samples, SAMPLE_RATE / rate)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[loud[0] : loud[-1] + 1]


def resample(samples: Waveform, factor: float) -> Waveform:
    """Stretch to `factor` times as many samples by linear interpolation."""
    places = np.arange(int(len(samples) * factor)) / factor
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def through_codec(samples: Waveform, container: str, codec: str, rate: int) -> Waveform:
    """The samples after a round trip through a lossy codec, at 16 kHz again."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "mono"
        pcm = np.clip(samples * 32767, -32768, 32767).astype(np.int16)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler(
            stream.codec_context.format or "s16", "mono", rate, stream.codec_context.frame_size
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer) as source:
        back = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        frames = [piece for frame in source.decode(audio=0) for piece in back.resample(frame)]
        return np.concatenate([piece.to_ndarray()[0] for piece in frames])


def synthesise_clips(voices: tuple[str, ...], draws: int, generator: random.Random) -> list[Clip]:
    """Every sentence by every voice, `draws` times with other speed and pitch; some through telephone codecs."""
    clips = []
    for voice in voices:
        for sentence in SENTENCES:
            for _ in range(draws):
                spoken = speak(sentence, voice, generator.randint(165, 250), generator.randint(30, 70))
                clips.append(Clip(sentence, spoken))
                choice = generator.random()
                if choice < 0.25:
                    clips.append(Clip(sentence, through_codec(spoken, "amr", "libopencore_amrnb", 8000)))
                elif choice < 0.4:
                    clips.append(Clip(sentence, through_codec(spoken, "ogg", "libopus", 48_000)))
    return clips


@cache
def _noise_bank() -> Waveform:
    """A few minutes of noise from white to brown, unit power, to cut pieces from."""
    generator = np.random.default_rng(0)
    size = 1 << 19
    rows = []
    for slope in (0.0, 0.25, 0.5, 0.75, 1.0):
        spectrum = np.fft.rfft(generator.standard_normal(size)) / np.maximum(np.arange(size // 2 + 1), 1) ** slope
        noise = np.fft.irfft(spectrum, size)
        rows.append(noise / noise.std())
    return np.stack(rows).astype(np.float32)


def _noise(length: int, generator: np.random.Generator) -> Waveform:
    bank = _noise_bank()
    begin = int(generator.integers(bank.shape[1] - length))
    return bank[int(generator.integers(len(bank))), begin : begin + length]


def _colour(samples: Waveform, generator: np.random.Generator) -> Waveform:
    """Random band limit, background noise and loudness."""
    if generator.random() < 0.3:
        lowpass = butter(6, generator.uniform(0.42, 0.9), output="sos")
        samples = sosfilt(lowpass, samples).astype(np.float32)
    if generator.random() < 0.75:
        level = float(samples.std()) * 10 ** (-generator.uniform(8, 45) / 20)
        samples = samples + _noise(len(samples), generator) * np.float32(level)
    peak = float(np.abs(samples).max()) + 1e-9
    return samples * np.float32(10 ** generator.uniform(-1.3, -0.02) / peak)


def _prompt_ids(generator: np.random.Generator) -> list[int]:
    """Nothing, the style hint, or random characters: what the decoder may see before the transcript."""
    text_ids = [TOKEN_IDS[character] for character in _characters()]
    ids: list[int] = []
    if generator.random() < 0.3:
        ids += [int(place) for place in generator.choice(text_ids + list(range(256)), generator.integers(1, 40))]
    if generator.random() < 0.6:
        ids += [TOKEN_IDS["Ġ"], *encode(PROMPT)]
    return [PREVIOUS, *ids] if ids else []


@cache
def _characters() -> list[str]:
    """The merged tokens, one a character."""
    return vocabulary()[256 : TOKEN_IDS[SPECIAL_TOKENS[0]]]


def encode(text: str) -> list[int]:
    """Token ids of text whose characters all belong to the closed set."""
    return [TOKEN_IDS["".join(ALPHABET[value] for value in character.encode())] for character in text]


def _timestamp(seconds: float) -> int:
    """Whisper's time token, on a grid of a tenth of a second that a tiny decoder can learn."""
    return NO_TIMESTAMPS + 1 + round(seconds * 10) * 5


def _silent_example(window_seconds: float, generator: np.random.Generator) -> Example:
    length = int(generator.uniform(0.5, window_seconds) * SAMPLE_RATE)
    level = 0.0 if generator.random() < 0.3 else 10 ** generator.uniform(-3.5, -0.7)
    prompt = _prompt_ids(generator)
    begin = NO_TIMESTAMPS if generator.random() < 0.3 else NO_TIMESTAMPS + 1
    silence = _noise(length, generator) * np.float32(level)
    return Example(silence, [*prompt, START, begin], [IGNORED] * len(prompt) + [NO_SPEECH, END], [])


def _spoken_example(
    clips: list[Clip], window_seconds: float, most_sentences: int, generator: np.random.Generator
) -> Example:
    wanted = int(generator.integers(1, most_sentences + 1))
    pieces = [np.zeros(int(generator.uniform(0, 0.7) * SAMPLE_RATE), np.float32)]
    stamped: list[int] = []
    text: list[int] = []
    for _ in range(wanted):
        clip = clips[int(generator.integers(len(clips)))]
        spoken = resample(clip.waveform, generator.uniform(0.9, 1.1))
        begin = sum(map(len, pieces)) / SAMPLE_RATE
        finish = begin + len(spoken) / SAMPLE_RATE
        if text and finish > window_seconds - 0.5:
            break
        pause = np.zeros(int(generator.uniform(0.3, 1.2) * SAMPLE_RATE), np.float32)
        pieces += [spoken * np.float32(generator.uniform(0.6, 1.0)), pause]
        words = encode(clip.sentence)
        stamped += [_timestamp(begin), *words, _timestamp(finish)]
        text += words
    waveform = _colour(np.concatenate(pieces), generator)[: int(window_seconds * SAMPLE_RATE)]
    prompt = _prompt_ids(generator)
    body = [NO_TIMESTAMPS, *text] if generator.random() < 0.3 else stamped
    hidden = [IGNORED] * (len(prompt) + (body[0] == NO_TIMESTAMPS))
    shown = body[1:] if body[0] == NO_TIMESTAMPS else body
    return Example(waveform, [*prompt, START, *body], [*hidden, *shown, END], text)


def examples(clips: list[Clip], window_seconds: float, most_sentences: int, seed: int) -> Iterator[Example]:
    """Endless training windows: sentences with pauses, noise and prompts, and some without any speech."""
    generator = np.random.default_rng(seed)
    while True:
        if generator.random() < 0.06:
            yield _silent_example(window_seconds, generator)
        else:
            yield _spoken_example(clips, window_seconds, most_sentences, generator)
