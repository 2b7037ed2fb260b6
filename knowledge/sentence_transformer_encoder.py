"""The one place that loads sentence-transformers models."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crm_core.foundation.errors import Unavailable
from knowledge.text_encoder import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BGE_CHINESE_INSTRUCTION = "为这个句子生成表示以用于检索相关文章："
BATCH_SIZE = 32


class EncoderUnavailable(Unavailable):
    """The text model is not on this machine or cannot be read."""

    code = "encoder_unavailable"


def query_instruction(model: str) -> str:
    """Return the prefix a model expects before questions: the Chinese BGE family has one, others ship their own."""
    name = Path(model).name.lower()
    return BGE_CHINESE_INSTRUCTION if "bge" in name and "zh" in name else ""


class SentenceTransformerEncoder:
    """Encodes with any sentence-transformers model: a local folder or a hub name already on this machine.

    Nothing is fetched. Loading happens on first use, once, whichever thread comes first.
    Raises `EncoderUnavailable` when the model is absent or unreadable.
    """

    def __init__(self, model: str, *, instruction: str | None = None) -> None:
        self._model_name = model
        self._instruction = query_instruction(model) if instruction is None else instruction
        self._lock = threading.Lock()
        self._loaded: SentenceTransformer | None = None

    @property
    def name(self) -> str:
        return self._model_name

    @property
    def dimension(self) -> int:
        return int(self._model().get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        model = self._model()
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        prepared = [self._instruction + text for text in texts] if query else list(texts)
        with self._lock:
            vectors = model.encode(
                prepared,
                batch_size=BATCH_SIZE,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(self._model_name, device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as cause:
            raise EncoderUnavailable(model=self._model_name) from cause
