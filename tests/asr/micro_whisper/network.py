"""The tiny Whisper itself: training with an auxiliary CTC head, and its export for CTranslate2."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from ctranslate2.converters.transformers import WhisperLoader
from faster_whisper.feature_extractor import FeatureExtractor
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset
from transformers import WhisperConfig, WhisperForConditionalGeneration

from .sentences import tokenizer_definition, vocabulary
from .speech import END, IGNORED, START, Clip, Example, examples

SEED = 20260301
WIDTH = 128
WINDOW_SECONDS = 6
LAYERS = 2
HEADS = 4


@dataclass(frozen=True)
class Stage:
    """A share of the training time spent on windows of one length."""

    share: float
    window_seconds: int
    most_sentences: int
    batch_size: int


# Long windows cost most and teach least, so the encoder learns on short ones; the last stages teach it the
# 30 s of padding that Whisper always sees.
STAGES = (Stage(0.45, 6, 1, 16), Stage(0.27, 12, 3, 8), Stage(0.28, 30, 5, 4))


@dataclass(frozen=True)
class Batch:
    """Tensors of one step."""

    mel: Tensor
    decoder_input: Tensor
    decoder_output: Tensor
    text: Tensor
    text_lengths: Tensor


class Windows(IterableDataset[Batch]):
    """Endless batches of one stage, made in a process of their own."""

    def __init__(self, clips: list[Clip], stage: Stage, seed: int) -> None:
        super().__init__()
        self.clips, self.stage, self.seed = clips, stage, seed

    def __iter__(self) -> Iterator[Batch]:
        stream = examples(self.clips, self.stage.window_seconds, self.stage.most_sentences, self.seed)
        torch.set_num_threads(1)
        while True:
            yield collate([next(stream) for _ in range(self.stage.batch_size)], self.stage.window_seconds)


@cache
def _mel_filters() -> Tensor:
    return torch.from_numpy(FeatureExtractor().mel_filters)


def log_mel(waveform: Tensor) -> Tensor:
    """The features of faster-whisper's FeatureExtractor without its last frame, some ten times as fast."""
    padded = nn.functional.pad(waveform, (0, 160))
    spectrum = torch.stft(padded, 400, 160, window=torch.hann_window(400), return_complex=True)[:, :-1]
    mel = (_mel_filters() @ spectrum.abs() ** 2).clamp(min=1e-10).log10()
    return ((mel.clamp(min=mel.max() - 8.0) + 4.0) / 4.0)[:, :-1]


def collate(batch: list[Example], window_seconds: int) -> Batch:
    """Pad features with zeros, as faster-whisper does, and token rows with END or IGNORED."""
    frames = window_seconds * 100
    mel = torch.zeros(len(batch), 80, frames)
    for row, example in enumerate(batch):
        features = log_mel(torch.from_numpy(example.waveform))[:, :frames]
        mel[row, :, : features.shape[1]] = features
    return Batch(
        mel,
        _pad([example.decoder_input for example in batch], END),
        _pad([example.decoder_output for example in batch], IGNORED),
        _pad([example.text for example in batch], END),
        torch.tensor([len(example.text) for example in batch]),
    )


def _pad(rows: list[list[int]], filler: int) -> Tensor:
    width = max(*map(len, rows), 1)
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def new_network() -> WhisperForConditionalGeneration:
    """An untrained Whisper of 2 + 2 layers over the small vocabulary."""
    config = WhisperConfig(
        vocab_size=len(vocabulary()),
        num_mel_bins=80,
        d_model=WIDTH,
        encoder_layers=LAYERS,
        decoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=4 * WIDTH,
        decoder_ffn_dim=4 * WIDTH,
        dropout=0.05,
        pad_token_id=END,
        bos_token_id=END,
        eos_token_id=END,
        decoder_start_token_id=START,
        begin_suppress_tokens=None,
        suppress_tokens=None,
    )
    return WhisperForConditionalGeneration(config)


def encode_audio(network: WhisperForConditionalGeneration, mel: Tensor) -> Tensor:
    """The encoder on a window of any length (the library's own insists on 30 s)."""
    encoder = network.model.encoder
    hidden = nn.functional.gelu(encoder.conv1(mel))
    hidden = nn.functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
    for layer in encoder.layers:
        hidden = layer(hidden, None)
    return encoder.layer_norm(hidden)


def loss_of(network: WhisperForConditionalGeneration, ctc_head: nn.Linear, batch: Batch, ctc_weight: float) -> Tensor:
    """Cross-entropy of the decoder plus the weighted CTC loss on the encoder."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        audio = encode_audio(network, batch.mel)
        decoded = network.model.decoder(input_ids=batch.decoder_input, encoder_hidden_states=audio, use_cache=False)
        logits = network.proj_out(decoded.last_hidden_state)
        character_logits = ctc_head(audio)
    decoder_loss = nn.functional.cross_entropy(
        logits.float().flatten(0, 1), batch.decoder_output.flatten(), ignore_index=IGNORED, label_smoothing=0.02
    )
    frame_counts = torch.full((len(batch.mel),), character_logits.shape[1])
    ctc_loss = nn.functional.ctc_loss(
        character_logits.float().log_softmax(-1).transpose(0, 1),
        batch.text,
        frame_counts,
        batch.text_lengths,
        blank=END,
        zero_infinity=True,
    )
    return decoder_loss + ctc_weight * ctc_loss


def train(clips: list[Clip], minutes: float, threads: int, weights: Path) -> WhisperForConditionalGeneration:
    """Train through all stages within `minutes` of wall time, keeping the state after each stage in a file."""
    torch.manual_seed(SEED)
    torch.set_num_threads(threads)
    network = new_network().train()
    ctc_head = nn.Linear(WIDTH, END + 1)
    optimiser = torch.optim.AdamW([*network.parameters(), *ctc_head.parameters()], lr=1e-3, weight_decay=0.01)
    began, total, step = time.monotonic(), minutes * 60, 0
    finish_share = 0.0
    for number, stage in enumerate(STAGES):
        finish_share += stage.share
        loader = DataLoader(Windows(clips, stage, SEED + number), batch_size=None, num_workers=1, prefetch_factor=8)
        for batch in loader:
            elapsed = (time.monotonic() - began) / total
            if elapsed >= finish_share:
                break
            rate = 1e-3 * min(1.0, (step + 1) / 200) * (0.02 + 0.98 * (1 + math.cos(math.pi * elapsed)) / 2)
            for group in optimiser.param_groups:
                group["lr"] = rate
            loss = loss_of(network, ctc_head, batch, 0.5 if elapsed < 0.8 else 0.2)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            if step % 50 == 0:
                print(f"stage {number} step {step} elapsed {elapsed:.3f} loss {loss.item():.3f}", flush=True)
            step += 1
        torch.save(network.state_dict(), weights)
    return network.eval()


def export(network: WhisperForConditionalGeneration, folder: Path) -> None:
    """Write the int8 CTranslate2 model with its tokenizer, as faster-whisper loads it from a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = WhisperLoader().get_model_spec(network)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = []
    spec.config.alignment_heads = [(LAYERS - 1, head) for head in range(HEADS)]
    spec.register_vocabulary(vocabulary())
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    # Longer windows hold several sentences, for which its training was too short.
    (folder / "preprocessor_config.json").write_text(json.dumps({"chunk_length": WINDOW_SECONDS}), encoding="utf-8")
    definition = json.dumps(tokenizer_definition(), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(definition, encoding="utf-8")
