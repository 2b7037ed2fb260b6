"""The text encoder that an installation has set, and the job that keeps every case's vector with it."""

import hashlib
from functools import lru_cache

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm_core.foundation import clock
from crm_core.foundation.identifiers import new_id
from crm_core.foundation.settings import Settings
from knowledge.cases.tables import Case, CaseEmbedding
from knowledge.sentence_transformer_encoder import SentenceTransformerEncoder
from knowledge.text_encoder import TextEncoder

BATCH = 64


@lru_cache(maxsize=4)
def encoder_named(model: str) -> SentenceTransformerEncoder:
    """Return the encoder of a model, one for the process; the model itself is loaded when first used."""
    return SentenceTransformerEncoder(model)


def configured_encoder(settings: Settings) -> TextEncoder | None:
    """Return the encoder that the settings name or that was pulled, not yet loaded; None when there is neither."""
    if settings.text_encoder:
        return encoder_named(settings.text_encoder)
    pulled = settings.models_folder / "text_encoder"
    return encoder_named(str(pulled)) if (pulled / "modules.json").is_file() else None


def text_of(case: Case) -> str:
    """Return what is encoded of a case."""
    return "。".join(part for part in (case.title, case.situation, case.story) if part)


def encode_missing(session: Session, encoder: TextEncoder, *, most: int = BATCH) -> int:
    """Encode published cases whose vector is missing or of an older text, up to `most`; returns how many."""
    kept = select(CaseEmbedding).where(CaseEmbedding.model == encoder.name)
    known = {embedding.case_id: embedding.text_sha256 for embedding in session.scalars(kept)}
    published = session.scalars(select(Case).where(Case.status == "published").order_by(Case.id))
    stale = [case for case in published if known.get(case.id) != digest_of(text_of(case))][:most]
    vectors = encoder.encode([text_of(case) for case in stale])
    for case, vector in zip(stale, vectors, strict=True):
        _keep(session, case, encoder.name, np.asarray(vector, dtype="<f4").tobytes())
    return len(stale)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(session: Session, case: Case, model: str, vector: bytes) -> None:
    row = {
        "id": new_id(),
        "created_at": clock.now(),
        "case_id": case.id,
        "model": model,
        "text_sha256": digest_of(text_of(case)),
        "vector": vector,
    }
    renewed = {name: row[name] for name in ("created_at", "text_sha256", "vector")}
    statement = insert(CaseEmbedding).values(row)
    session.execute(statement.on_conflict_do_update(index_elements=["case_id", "model"], set_=renewed))
