"""Recordings come in any format and any state; each is decoded whole or refused with its reason."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from asr.audio import SAMPLE_RATE, AudioLimits, inspect_audio, read_audio
from asr.errors import (
    AudioDecodingTimeout,
    AudioEmpty,
    AudioEncrypted,
    AudioTooLong,
    AudioTruncated,
    AudioUnreadable,
    AudioWithoutSoundTrack,
)
from crm_core.foundation.errors import ProductError
from tests.asr.recordings import FORMATS, encode, noise, tone

LIMITS = AudioLimits()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_decoded_to_its_length_and_pitch(name: str) -> None:
    audio = read_audio(io.BytesIO(encode(tone(5.0), FORMATS[name])), LIMITS)

    assert audio.duration_seconds == pytest.approx(5.0, rel=0.02)
    spectrum = np.abs(np.fft.rfft(audio.mono()))
    assert np.argmax(spectrum) / audio.duration_seconds == pytest.approx(440, abs=2)


@pytest.mark.parametrize("name", FORMATS)
def test_the_head_of_every_format_is_accepted(name: str) -> None:
    summary = inspect_audio(io.BytesIO(encode(tone(1.0), FORMATS[name])), LIMITS)

    assert summary.codec
    assert summary.declared_seconds is None or summary.declared_seconds == pytest.approx(1.0, abs=0.1)


def test_two_ends_of_a_call_stay_apart() -> None:
    call = np.concatenate([tone(2.0, 300), tone(2.0, 1000)])

    speakers = read_audio(io.BytesIO(encode(call, FORMATS["wav, two channels"])), LIMITS).speaker_channels()

    assert [round(np.argmax(np.abs(np.fft.rfft(one))) / 2) for one in speakers] == [300, 1000]


def test_one_voice_on_both_channels_is_one_speaker() -> None:
    centred = np.concatenate([tone(2.0), tone(2.0, level=0.25)])

    audio = read_audio(io.BytesIO(encode(centred, FORMATS["wav, two channels"])), LIMITS)

    assert len(audio.channels) == 2
    assert len(audio.speaker_channels()) == 1


def test_a_muted_channel_is_not_a_speaker() -> None:
    half_silent = np.concatenate([tone(2.0), np.zeros((1, 2 * SAMPLE_RATE), np.float32)])

    speakers = read_audio(io.BytesIO(encode(half_silent, FORMATS["wav, two channels"])), LIMITS).speaker_channels()

    assert len(speakers) == 1


def _mp3() -> bytes:
    return encode(tone(5.0), FORMATS["mp3"])


def _m4a() -> bytes:
    return encode(tone(5.0), FORMATS["m4a"])


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("voice.mp3", _mp3())
    return buffer.getvalue()


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
REFUSED: dict[str, tuple[bytes, type[ProductError]]] = {
    "no bytes": (b"", AudioEmpty),
    "text": ("今天拜访了客户，语音见附件。".encode() * 50, AudioUnreadable),
    "random bytes": (np.random.default_rng(1).bytes(40_000), AudioUnreadable),
    "an archive": (_archive(), AudioUnreadable),
    "a play list that names other files": (PLAYLIST, AudioUnreadable),
    "a list of files to join": (b"ffconcat version 1.0\nfile /etc/hostname\n", AudioUnreadable),
    "an m4a without its end, where the index is": (_m4a()[: len(_m4a()) // 2], AudioTruncated),
    "an m4a under copy protection": (_m4a().replace(b"mp4a", b"drms"), AudioEncrypted),
    "a film without sound": (encode(tone(1.0), FORMATS["mp4"]).replace(b"soun", b"vide"), AudioWithoutSoundTrack),
}


@pytest.mark.parametrize("read", [inspect_audio, read_audio])
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_heard_is_refused_with_its_reason(what: str, read: object) -> None:
    content, reason = REFUSED[what]

    with pytest.raises(reason):
        read(io.BytesIO(content), LIMITS)  # type: ignore[operator]


def test_a_recording_cut_off_in_the_middle_keeps_what_it_has() -> None:
    whole = _mp3()

    audio = read_audio(io.BytesIO(whole[: len(whole) // 2]), LIMITS)

    assert audio.duration_seconds == pytest.approx(2.5, abs=0.2)


def test_damage_in_the_middle_is_skipped_and_counted() -> None:
    content = bytearray(encode(noise(5.0, 0.2, seed=3), FORMATS["ogg with opus"]))
    content[20_000:20_050] = bytes(50)

    audio = read_audio(io.BytesIO(bytes(content)), LIMITS)

    assert 3.5 < audio.duration_seconds < 5.1


@pytest.mark.parametrize("name", ["wav", "mp3", "ogg with opus"])
def test_longer_than_the_limit_is_refused(name: str) -> None:
    content = encode(tone(5.0), FORMATS[name])

    with pytest.raises(AudioTooLong):
        read_audio(io.BytesIO(content), AudioLimits(longest_seconds=4.0))


def test_a_declared_length_beyond_the_limit_is_refused_before_decoding() -> None:
    with pytest.raises(AudioTooLong):
        inspect_audio(io.BytesIO(encode(tone(5.0), FORMATS["m4a"])), AudioLimits(longest_seconds=4.0))


def test_decoding_stops_when_its_time_is_up() -> None:
    with pytest.raises(AudioDecodingTimeout):
        read_audio(io.BytesIO(_mp3()), AudioLimits(decoding_seconds=0.0))


UNDECODABLE = {"testMP3truncated.mp3", "testMP4_coverArt.m4a", "testMP4_truncated.m4a", "testMP4_drm.m4a"}
WITHOUT_SAMPLES = {"testMP4_esdsFlags.m4a"}


@pytest.mark.shared_data
def test_the_development_set_is_decoded_or_refused_by_name(shared_data: Path) -> None:
    refused: dict[str, str] = {}
    for path in sorted((shared_data / "audio" / "formats").glob("*/*")):
        if path.suffix == ".txt":
            continue
        with path.open("rb") as stream:
            try:
                audio = read_audio(stream, LIMITS)
            except ProductError as error:
                refused[path.name] = error.code
                continue
        if "sample_10s" in path.name:
            assert audio.duration_seconds == pytest.approx(10.0, rel=0.02), path.name

    assert set(refused) == UNDECODABLE | WITHOUT_SAMPLES
    assert refused["testMP4_drm.m4a"] == "audio_encrypted"
    assert "internal" not in refused.values()
