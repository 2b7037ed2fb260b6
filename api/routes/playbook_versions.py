"""Versions of the playbook: which there are, what differs, and back to an older one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from api.acting import ActingDep
from api.contracts.playbook_drafts import Comparison, DraftContent, DraftFacts, RollBack, Versions
from api.dependencies import LocaleDep
from api.playbook_views import VersionViews
from crm_core.process.drafts import find_version, list_versions, version_in_force
from crm_core.rehearsal.publishing import roll_back

router = APIRouter(prefix="/api/playbook", tags=["playbook"])


@router.get("/versions")
def list_all_versions(acting: ActingDep, locale: LocaleDep) -> Versions:
    """Drafts and numbered versions with who, when and why. Needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    return VersionViews(acting, locale).versions(list_versions(acting.session))


@router.get("/versions/{version_id}")
def show_version(version_id: UUID, acting: ActingDep, locale: LocaleDep) -> DraftContent:
    """One version or draft with its content. Needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    version = find_version(acting.session, version_id)
    return DraftContent(facts=VersionViews(acting, locale).facts(version), content=version.content)


@router.get("/comparison")
def compare_versions(
    acting: ActingDep,
    locale: LocaleDep,
    new: Annotated[UUID, Query(description="Id of a version or draft")],
    old: Annotated[UUID | None, Query(description="Id of a version or draft; by default the one in force")] = None,
) -> Comparison:
    """What differs between two versions, in plain words. Needs the right playbook.edit."""
    acting.policy.require_right(acting.viewer, "playbook.edit")
    before = find_version(acting.session, old) if old else version_in_force(acting.session)
    return VersionViews(acting, locale).comparison(before, find_version(acting.session, new))


@router.post("/versions/{number}/restoration", status_code=status.HTTP_201_CREATED)
def restore_version(number: int, wish: RollBack, acting: ActingDep, locale: LocaleDep) -> DraftFacts:
    """Publish the content of an older version as a new one, for a reason that is kept with it.

    Needs the right playbook.publish; refused for the same causes as every publication.
    """
    return VersionViews(acting, locale).facts(roll_back(acting, number, replaces=wish.replaces, reason=wish.reason))
