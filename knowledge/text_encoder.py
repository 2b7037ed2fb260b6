"""What the rest of the product knows about models that turn text into vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class TextEncoder(Protocol):
    """Turns texts into unit vectors whose dot product is their similarity."""

    @property
    def name(self) -> str:
        """Identifies the model, so that vectors of two models are never mixed."""

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def encode(self, texts: Sequence[str], *, query: bool = False) -> Vectors:
        """Return float32 [len(texts), dimension], rows of length 1; `query` marks questions, which some prefix."""
