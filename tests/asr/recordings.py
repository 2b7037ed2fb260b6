"""Recordings made for a test: tones, noise and silence in any container."""

import io
from dataclasses import dataclass

import av
import numpy as np

from asr.audio import SAMPLE_RATE, Waveform


@dataclass(frozen=True)
class Format:
    """A container with a codec; `rate` is what the codec is fed."""

    container: str
    codec: str
    rate: int = SAMPLE_RATE
    layout: str = "mono"


FORMATS = {
    "wav": Format("wav", "pcm_s16le"),
    "wav, two channels": Format("wav", "pcm_s16le", 44_100, "stereo"),
    "mp3": Format("mp3", "libmp3lame"),
    "m4a": Format("ipod", "aac", 44_100),
    "amr, narrow band": Format("amr", "libopencore_amrnb", 8000),
    "ogg with opus": Format("ogg", "libopus", 48_000),
    "webm of a browser": Format("webm", "libopus", 48_000),
    "flac": Format("flac", "flac"),
    "aac": Format("adts", "aac", 44_100),
    "wma": Format("asf", "wmav2", 44_100),
    "aiff": Format("aiff", "pcm_s16be"),
    "mp4": Format("mp4", "aac", 44_100),
}


def encode(channels: Waveform, wanted: Format) -> bytes:
    """A file of the samples (shape: channels × samples, 16 kHz)."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=wanted.container) as output:
        stream = output.add_stream(wanted.codec, rate=wanted.rate)
        stream.layout = wanted.layout
        codec = stream.codec_context
        codec.bit_rate = 12_200 if wanted.codec == "libopencore_amrnb" else 32_000
        codec.open()
        layout = "stereo" if len(channels) == 2 else "mono"
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(channels), format="fltp", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler(codec.format, wanted.layout, wanted.rate, codec.frame_size or None)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def tone(seconds: float, hertz: float = 440.0, level: float = 0.3) -> Waveform:
    """One channel of a sine."""
    instants = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * instants)).astype(np.float32)[np.newaxis]


def noise(seconds: float, level: float, seed: int) -> Waveform:
    """One channel of white noise."""
    samples = np.random.default_rng(seed).standard_normal(int(seconds * SAMPLE_RATE))
    return (level * samples).astype(np.float32)[np.newaxis]
