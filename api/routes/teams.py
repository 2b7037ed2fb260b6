"""Teams and regions."""

from uuid import UUID

from fastapi import APIRouter, status

from api.contracts.people import NewRegion, NewTeam, RegionFacts, Regions, TeamChange, TeamFacts, Teams
from api.dependencies import PlaybookDep, PolicyDep, SessionDep, ViewerDep
from crm_core.foundation.errors import Invalid
from crm_core.people.repository import all_regions, all_teams, find_team
from crm_core.people.roster import add_region, add_team, change_team
from crm_core.process.playbook import Playbook

router = APIRouter(prefix="/api", tags=["people"])


class CalendarUnknown(Invalid):
    code = "team_calendar_unknown"


@router.get("/teams")
def list_teams(_viewer: ViewerDep, session: SessionDep) -> Teams:
    """Every team, by name."""
    items = [TeamFacts.model_validate(team, from_attributes=True) for team in all_teams(session)]
    return Teams(items=items, total=len(items))


@router.post("/teams", status_code=status.HTTP_201_CREATED)
def create_team(
    wanted: NewTeam, viewer: ViewerDep, session: SessionDep, policy: PolicyDep, playbook: PlaybookDep
) -> TeamFacts:
    """Make a team; its region is that of its people where they have none of their own."""
    policy.require_right(viewer, "roster.edit")
    _require_calendar(playbook, wanted.calendar)
    team = add_team(session, name=wanted.name, region_id=wanted.region_id, calendar=wanted.calendar)
    return TeamFacts.model_validate(team, from_attributes=True)


@router.put("/teams/{team_id}")
def correct_team(
    team_id: UUID,
    wanted: TeamChange,
    viewer: ViewerDep,
    session: SessionDep,
    *,
    policy: PolicyDep,
    playbook: PlaybookDep,
) -> TeamFacts:
    """Change a team's name, region or working calendar; a calendar of null is the playbook's first one."""
    policy.require_right(viewer, "roster.edit")
    _require_calendar(playbook, wanted.calendar)
    team = change_team(session, find_team(session, team_id), **wanted.model_dump(exclude_unset=True))
    return TeamFacts.model_validate(team, from_attributes=True)


@router.get("/regions")
def list_regions(_viewer: ViewerDep, session: SessionDep) -> Regions:
    """Every region, by code."""
    items = [RegionFacts.model_validate(region, from_attributes=True) for region in all_regions(session)]
    return Regions(items=items, total=len(items))


@router.post("/regions", status_code=status.HTTP_201_CREATED)
def create_region(wanted: NewRegion, viewer: ViewerDep, session: SessionDep, policy: PolicyDep) -> RegionFacts:
    """Make a region."""
    policy.require_right(viewer, "roster.edit")
    return RegionFacts.model_validate(add_region(session, code=wanted.code, name=wanted.name), from_attributes=True)


def _require_calendar(playbook: Playbook, code: str | None) -> None:
    known = [calendar.code for calendar in playbook.calendars]
    if code is not None and code not in known:
        raise CalendarUnknown(calendar=code, known=", ".join(known))
