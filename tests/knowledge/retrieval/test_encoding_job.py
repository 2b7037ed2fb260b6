"""The job that gives every published case a vector of the model in use, and the search that then uses them."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.process.publication import published_playbook
from knowledge.cases.search_index import CaseSearches
from knowledge.cases.tables import Case, CaseEmbedding
from knowledge.encoding import configured_encoder
from knowledge.jobs import encode_cases
from knowledge.retrieval.library import SearchQuery
from tests.factories.cases import customer_of, lead_of, published_case
from tests.factories.people import make_person, make_team

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
ORIGIN = Origin(channel="test")


@pytest.fixture
def encoding(resources: Resources, tiny_model: Path) -> Resources:
    """A library of two cases, and a text model in the settings."""
    with resources.database.transaction(ORIGIN) as session:
        rep = make_person(session, "rep", team=make_team(session))
        for number, story in enumerate(["社保大厅不再排队，先开两个综合窗口。", "注塑厂电费九百万，账单拆开算清。"]):
            lead = lead_of(session, customer_of(session, rep.id, f"客户{number}"), outcome="won")
            published_case(session, lead, f"案例{number}", story)
    settings = resources.settings.model_copy(update={"text_encoder": str(tiny_model)})
    return Resources(settings, resources.database, resources.files)


def vectors(resources: Resources) -> int:
    with resources.database.reading() as session:
        return session.scalar(select(func.count()).select_from(CaseEmbedding)) or 0


def test_the_search_is_degraded_until_every_case_has_its_vector(encoding: Resources) -> None:
    searches, encoder = CaseSearches(), configured_encoder(encoding.settings)
    with encoding.database.reading() as session:
        playbook = published_playbook(session)
        assert searches.current(session, playbook, encoder).is_degraded
    encode_cases.run(encoding)
    assert vectors(encoding) == 2
    with encoding.database.reading() as session:
        search = searches.current(session, playbook, encoder)
        assert not search.search(SearchQuery("大厅排队")).degraded
        assert searches.current(session, playbook, encoder) is search, "nothing changed: nothing is built anew"


def test_a_changed_story_is_encoded_anew_and_an_unchanged_one_is_not(encoding: Resources) -> None:
    encode_cases.run(encoding)
    with encoding.database.transaction(ORIGIN) as session:
        before = {row.case_id: row.created_at for row in session.scalars(select(CaseEmbedding))}
        changed = session.scalars(select(Case).order_by(Case.id)).first()
        assert changed is not None
        changed.story = "完全另写的故事"
        changed_id = changed.id
    encode_cases.run(encoding)
    with encoding.database.reading() as session:
        after = {row.case_id: row.created_at for row in session.scalars(select(CaseEmbedding))}
    assert {case_id for case_id in after if after[case_id] != before[case_id]} == {changed_id}


def test_a_model_gone_missing_leaves_a_search_by_words(encoding: Resources, tmp_path: Path) -> None:
    encode_cases.run(encoding)
    gone = encoding.settings.model_copy(update={"text_encoder": str(tmp_path / "gone")})
    with encoding.database.transaction(ORIGIN) as session:
        for row in session.scalars(select(CaseEmbedding)):
            row.model = str(tmp_path / "gone")
    with encoding.database.reading() as session:
        search = CaseSearches().current(session, published_playbook(session), configured_encoder(gone))
        result = search.search(SearchQuery("社保大厅排队"))
    assert result.degraded
    assert result.hits


def test_an_absent_model_is_no_failure_of_the_job(encoding: Resources, tmp_path: Path) -> None:
    settings = encoding.settings.model_copy(update={"text_encoder": str(tmp_path / "absent")})
    encode_cases.run(Resources(settings, encoding.database, encoding.files))
    assert vectors(encoding) == 0
