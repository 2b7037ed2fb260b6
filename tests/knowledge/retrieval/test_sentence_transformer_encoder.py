"""The real sentence-transformers path, on a tiny model made for the purpose."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.evaluation import case_vectors
from knowledge.evaluation_set import EvaluationSet
from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.library import Library, SearchQuery
from knowledge.sentence_transformer_encoder import (
    BGE_CHINESE_INSTRUCTION,
    EncoderUnavailable,
    SentenceTransformerEncoder,
    query_instruction,
)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_vectors_are_unit_float32(tiny_model: Path) -> None:
    encoder = SentenceTransformerEncoder(str(tiny_model), instruction="")
    vectors = encoder.encode(["冷柜电费", "排队"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (2, encoder.dimension) == (2, 48)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert encoder.encode([]).shape == (0, 48)


def test_only_questions_get_the_instruction(tiny_model: Path) -> None:
    prefixed = SentenceTransformerEncoder(str(tiny_model), instruction="电费")
    plain = SentenceTransformerEncoder(str(tiny_model), instruction="")
    assert np.allclose(prefixed.encode(["排队"]), plain.encode(["排队"]))
    assert np.allclose(prefixed.encode(["排队"], query=True), plain.encode(["电费排队"]))


@pytest.mark.parametrize(
    ("model", "instruction"),
    [
        ("BAAI/bge-small-zh-v1.5", BGE_CHINESE_INSTRUCTION),
        ("models/bge-large-zh", BGE_CHINESE_INSTRUCTION),
        ("m3e-base", ""),
    ],
)
def test_the_instruction_follows_the_model(model: str, instruction: str) -> None:
    assert query_instruction(model) == instruction


def test_an_absent_model_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable) as told:
        SentenceTransformerEncoder(str(tmp_path / "nothing")).encode(["电费"])
    assert told.value.parameters["model"].endswith("nothing")


def test_search_with_the_encoder_is_not_degraded_and_without_it_is(library: Library, tiny_model: Path) -> None:
    encoder = SentenceTransformerEncoder(str(tiny_model), instruction="")
    vectors = case_vectors(EvaluationSet(library, ()), encoder)
    full = CaseSearch(CaseIndex(library, vectors=vectors), encoder=encoder)
    result = full.search(SearchQuery("社保大厅不再排队"), allowed=frozenset({"hall", "moulding"}))
    assert result.hits[0].case_id == "hall"
    assert not result.degraded
    incomplete = CaseSearch(CaseIndex(library, vectors={"hall": vectors["hall"]}), encoder=encoder)
    assert incomplete.search(SearchQuery("排队")).degraded
