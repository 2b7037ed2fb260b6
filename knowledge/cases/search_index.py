"""The search over published cases that all requests of a process share; rebuilt when a case changes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm_core.process.playbook import Playbook
from knowledge.cases.repository import methods_of
from knowledge.cases.tables import Case, CaseEmbedding
from knowledge.methods.library import library_methods
from knowledge.retrieval.case_index import CaseIndex
from knowledge.retrieval.case_search import CaseSearch
from knowledge.retrieval.library import CaseDocument, Library, MethodEntry, PainPointEntry
from knowledge.text_encoder import TextEncoder, Vectors

Signature = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Built:
    signature: Signature
    search: CaseSearch


class CaseSearches:
    """Hands out the search of a database, rebuilt only when cases, methods, lexicon or vectors have changed.

    The index is a cache: a process that starts, or finds that another has changed a case, builds it from the tables.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: WeakKeyDictionary[Engine, _Built] = WeakKeyDictionary()

    def current(self, session: Session, playbook: Playbook, encoder: TextEncoder | None = None) -> CaseSearch:
        """Return a search over the published cases as this transaction sees them."""
        engine = session.get_bind().engine
        signature = library_signature(session, playbook, encoder)
        with self._lock:
            built = self._built.get(engine)
            if built is None or built.signature != signature:
                earlier = built.search.index if built else None
                built = _Built(signature, build_search(session, playbook, encoder, earlier=earlier))
                self._built[engine] = built
            return built.search


def library_signature(session: Session, playbook: Playbook, encoder: TextEncoder | None) -> Signature:
    """Return values that differ whenever a search would: one cheap query each, whatever the number of cases."""
    cases = select(func.count(), func.sum(Case.version), func.max(Case.changed_at)).where(Case.status == "published")
    model = encoder.name if encoder else None
    vectors = select(func.count(), func.max(CaseEmbedding.created_at)).where(CaseEmbedding.model == model)
    return (playbook.version, model, *session.execute(cases).one(), *session.execute(vectors).one())


def build_search(
    session: Session, playbook: Playbook, encoder: TextEncoder | None, *, earlier: CaseIndex | None = None
) -> CaseSearch:
    """Build the index anew, lending unchanged cases' analysis from an earlier one."""
    library = Library(
        cases=case_documents(session),
        methods=tuple(
            MethodEntry(method.code, method.name, method.definition, method.typical_situations)
            for method in library_methods(session, playbook).values()
        ),
        pain_points=tuple(
            PainPointEntry(entry.code, entry.name, entry.aliases) for entry in playbook.lexicon.pain_points
        ),
    )
    vectors = stored_vectors(session, encoder.name) if encoder else {}
    return CaseSearch(CaseIndex(library, vectors=vectors, earlier=earlier), encoder=encoder)


def case_documents(session: Session) -> tuple[CaseDocument, ...]:
    """Return the published cases as the search sees them."""
    cases = session.scalars(select(Case).where(Case.status == "published").order_by(Case.id)).all()
    methods = methods_of(session, [case.id for case in cases])
    return tuple(as_document(case, tuple(methods.get(case.id, ()))) for case in cases)


def as_document(case: Case, methods: tuple[str, ...]) -> CaseDocument:
    return CaseDocument(
        case_id=str(case.id),
        title=case.title,
        industry=case.industry or "",
        story=case.story,
        size=case.size or "",
        region=case.region or "",
        situation=" ".join([case.situation or "", *case.key_actions]).strip(),
        pain_points=tuple(case.pain_points),
        methods=methods,
        products=tuple(case.products),
        rep_id=str(case.rep_id or ""),
    )


def stored_vectors(session: Session, model: str) -> Mapping[str, Vectors]:
    """Return the vectors that a model made, by case id."""
    rows = session.execute(select(CaseEmbedding.case_id, CaseEmbedding.vector).where(CaseEmbedding.model == model))
    return {str(case_id): np.frombuffer(vector, dtype="<f4") for case_id, vector in rows}


#: one for each process
case_searches = CaseSearches()
