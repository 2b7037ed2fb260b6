"""Makes the micro-Whisper and its voice notes; needs espeak-ng.

python -m tests.asr.micro_whisper.build --cache FOLDER
"""

import argparse
import pickle
import random
from pathlib import Path

import torch

from .evaluation import evaluate
from .network import SEED, export, new_network, train
from .speech import TRAINING_VOICES, Clip, synthesise_clips
from .voice_notes import write_notes

HERE = Path(__file__).parent


def main() -> None:
    """Synthesise, train, export, speak the notes, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, help="of training, by the clock")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--draws", type=int, default=4, help="renditions of each sentence by each training voice")
    parser.add_argument("--cache", type=Path, required=True, help="folder for clips and trained weights")
    parser.add_argument("--trained", action="store_true", help="take the weights from the cache")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    weights = options.cache / "weights.pt"
    if options.trained:
        network = new_network()
        network.load_state_dict(torch.load(weights))
    else:
        network = train(_clips(options.cache, options.draws), options.minutes, options.threads, weights)
    export(network.eval(), HERE / "model")
    write_notes(HERE / "notes")
    evaluate(HERE / "model")


def _clips(cache: Path, draws: int) -> list[Clip]:
    """The training clips, spoken once and kept."""
    kept = cache / "clips.pickle"
    if not kept.exists():
        kept.write_bytes(pickle.dumps(synthesise_clips(TRAINING_VOICES, draws, random.Random(SEED))))
    clips: list[Clip] = pickle.loads(kept.read_bytes())
    return clips


if __name__ == "__main__":
    main()
