"""Any recording that FFmpeg decodes, as 16 kHz float samples; told apart by content, never by name."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import filetype
import numpy as np
from numpy.typing import NDArray

from asr.errors import (
    AudioDecodingTimeout,
    AudioEmpty,
    AudioEncrypted,
    AudioTooLong,
    AudioTruncated,
    AudioUnreadable,
    AudioWithoutSoundTrack,
)

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer

# FFmpeg's libraries weigh 15 MB: `av` is imported where something is decoded, and a server without sound does without

SAMPLE_RATE = 16_000

Waveform = NDArray[np.float32]

# Files with sound of their own. Play lists and other formats that make FFmpeg open further addresses are not in it.
_DEMUXERS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,eac3,flac,flv,loas,matroska,mov,mp3,mpeg,mpegts,ogg,tta,w64,wav,wv"
)

_INDEXED_CONTAINERS = ("mov", "matroska", "ogg", "flac", "wav", "asf", "avi", "aiff", "caf")
_MP4_BRAND = b"ftyp"
_ENCRYPTED_SAMPLE_ENTRIES = ("drms", "enca")
_HEAD_BYTES = 1 << 20
_SIGNATURE_BYTES = 8192


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """What a recording may cost us."""

    longest_seconds: float = 3600.0
    decoding_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class AudioSummary:
    """What the head of a file tells. `declared_seconds` is None where the container does not say."""

    container: str
    codec: str
    declared_seconds: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Decoded sound: `channels` has the shape (1 or 2, samples) at 16 kHz, values within -1 and 1."""

    channels: Waveform
    damaged_packets: int = 0

    @property
    def duration_seconds(self) -> float:
        return int(self.channels.shape[1]) / SAMPLE_RATE

    def mono(self) -> Waveform:
        """All channels mixed to one."""
        mixed: Waveform = self.channels.mean(axis=0, dtype=np.float32)
        return mixed

    def speaker_channels(self) -> list[Waveform]:
        """One waveform a speaker: two for a call recorded one side a channel, else the mix."""
        if len(self.channels) == 2 and _are_independent(self.channels):
            return [self.channels[0], self.channels[1]]
        return [self.mono()]


def inspect_audio(stream: BinaryIO, limits: AudioLimits) -> AudioSummary:
    """Look at the head of a file and decode a first frame, to refuse at once what cannot be transcribed.

    Raises the errors of `read_audio`; a duration that the header declares beyond the limit is refused too.
    """
    with _opened(stream) as (container, track):
        declared = _declared_seconds(container, track)
        if declared is not None and declared > limits.longest_seconds:
            raise AudioTooLong(limit_minutes=round(limits.longest_seconds / 60))
        decoder = _Decoder(track, time.monotonic() + limits.decoding_seconds)
        if next(decoder.frames(container), None) is None:
            raise _nothing_decoded(stream)
        return AudioSummary(container.format.name, track.codec_context.name, declared)


def read_audio(stream: BinaryIO, limits: AudioLimits) -> Audio:
    """Decode the first sound track of a file to 16 kHz, two channels kept apart and more than two mixed.

    Damaged packets are skipped and counted. Raises AudioEmpty, AudioUnreadable, AudioTruncated, AudioEncrypted,
    AudioWithoutSoundTrack, AudioTooLong, AudioDecodingTimeout.
    """
    with _opened(stream) as (container, track):
        decoder = _Decoder(track, time.monotonic() + limits.decoding_seconds)
        blocks: list[Waveform] = []
        samples = 0
        for block in decoder.blocks(container):
            samples += block.shape[1]
            if samples > limits.longest_seconds * SAMPLE_RATE:
                raise AudioTooLong(limit_minutes=round(limits.longest_seconds / 60))
            blocks.append(block)
        if not samples or decoder.damaged_packets > decoder.good_packets:
            raise _nothing_decoded(stream)
        return Audio(_joined(blocks), decoder.damaged_packets)


class _Decoder:
    """Packets of one track to blocks of samples, past damage and changes of format in mid-stream."""

    def __init__(self, track: "AudioStream", deadline: float) -> None:
        self._track = track
        self._deadline = deadline
        self.good_packets = 0
        self.damaged_packets = 0

    def frames(self, container: "InputContainer") -> Iterator["av.AudioFrame"]:
        import av

        for packet in self._packets(container):
            if time.monotonic() > self._deadline:
                raise AudioDecodingTimeout()
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError):
                self.damaged_packets += 1
                continue
            self.good_packets += 1
            yield from (frame for frame in frames if isinstance(frame, av.AudioFrame) and frame.samples)

    def blocks(self, container: "InputContainer") -> Iterator[Waveform]:
        """Blocks of shape (channels, samples) at 16 kHz."""
        import av

        resampler: av.AudioResampler | None = None
        shape: tuple[str, str, int] | None = None
        for frame in self.frames(container):
            frame.pts = None
            found = (frame.format.name, frame.layout.name, frame.sample_rate)
            if found != shape:
                yield from _samples(resampler, None)
                layout = "stereo" if frame.layout.nb_channels == 2 else "mono"
                resampler, shape = av.AudioResampler("fltp", layout, SAMPLE_RATE), found
            yield from _samples(resampler, frame)
        yield from _samples(resampler, None)

    def _packets(self, container: "InputContainer") -> Iterator["av.Packet[AudioStream]"]:
        import av

        packets = container.demux(self._track)
        while True:
            try:
                yield next(packets)
            except (StopIteration, av.error.FFmpegError):
                return


def _samples(resampler: "av.AudioResampler | None", frame: "av.AudioFrame | None") -> Iterator[Waveform]:
    """What the resampler gives for a frame; without a frame, what it still holds."""
    if resampler is not None:
        yield from (piece.to_ndarray().astype(np.float32, copy=False) for piece in resampler.resample(frame))


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[tuple["InputContainer", "AudioStream"]]:
    """The container and its first sound track; the stream is read from its beginning."""
    import av

    # decoders would otherwise print their complaints about damaged files to the terminal
    av.logging.set_level(av.logging.PANIC)
    _require_sound_or_unknown(stream)
    try:
        container = av.open(stream, "r", options={"format_whitelist": _DEMUXERS, "protocol_whitelist": ""})
    except (av.error.FFmpegError, ValueError, OSError) as failure:
        raise _nothing_decoded(stream) from failure
    with container:
        if not container.streams:
            raise _nothing_decoded(stream)
        if not container.streams.audio:
            raise AudioWithoutSoundTrack(container=container.format.name)
        track = container.streams.audio[0]
        if track.codec_context is None:
            raise _nothing_decoded(stream)
        if track.codec_context.codec_tag in _ENCRYPTED_SAMPLE_ENTRIES:
            raise AudioEncrypted()
        yield container, track


def _require_sound_or_unknown(stream: BinaryIO) -> None:
    """Refuse other kinds of file by their signature: FFmpeg would find an MP3 stored inside an archive and play it."""
    stream.seek(0)
    head = stream.read(_SIGNATURE_BYTES)
    stream.seek(0)
    if not head:
        raise AudioEmpty()
    kind = filetype.guess(head)
    if kind is not None and not kind.mime.startswith(("audio/", "video/")):
        raise AudioUnreadable(found=kind.mime)


def _nothing_decoded(stream: BinaryIO) -> AudioEncrypted | AudioTruncated | AudioUnreadable:
    """The most telling reason why a file gives no sound."""
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    if any(entry.encode() in head for entry in _ENCRYPTED_SAMPLE_ENTRIES) and _MP4_BRAND in head[:12]:
        return AudioEncrypted()
    if _MP4_BRAND in head[:12] or head[:4] in {b"OggS", b"fLaC", b"RIFF", b"\x1aE\xdf\xa3"}:
        return AudioTruncated()
    return AudioUnreadable(found="")


def _declared_seconds(container: "InputContainer", track: "AudioStream") -> float | None:
    """The duration by the container's index; headerless formats have only FFmpeg's guess, which can be far off."""
    import av

    if not container.format.name.startswith(_INDEXED_CONTAINERS):
        return None
    if track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    return container.duration / av.time_base if container.duration is not None else None


def _joined(blocks: list[Waveform]) -> Waveform:
    """One array; if the number of channels changed on the way, everything is mixed to one."""
    if len({len(block) for block in blocks}) > 1:
        blocks = [block.mean(axis=0, keepdims=True, dtype=np.float32) for block in blocks]
    joined = np.concatenate(blocks, axis=1)
    return np.clip(np.nan_to_num(joined, copy=False), -1.0, 1.0)


def _are_independent(channels: Waveform) -> bool:
    """Whether two channels carry different voices: centred stereo correlates strongly, two ends of a call do not."""
    power = np.sqrt(np.mean(np.square(channels), axis=1))
    if power.min() < 1e-4:
        return False
    correlation = float(np.mean(channels[0] * channels[1]) / (power[0] * power[1]))
    return abs(correlation) < 0.3
