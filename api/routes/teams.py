"""Teams and regions."""

from fastapi import APIRouter, status

from api.contracts.people import NewRegion, NewTeam, RegionFacts, Regions, TeamFacts, Teams
from api.dependencies import PolicyDep, SessionDep, ViewerDep
from crm_core.people.repository import all_regions, all_teams
from crm_core.people.roster import add_region, add_team

router = APIRouter(prefix="/api", tags=["people"])


@router.get("/teams")
def list_teams(_viewer: ViewerDep, session: SessionDep) -> Teams:
    """Every team, by name."""
    items = [TeamFacts.model_validate(team, from_attributes=True) for team in all_teams(session)]
    return Teams(items=items, total=len(items))


@router.post("/teams", status_code=status.HTTP_201_CREATED)
def create_team(wanted: NewTeam, viewer: ViewerDep, session: SessionDep, policy: PolicyDep) -> TeamFacts:
    """Make a team; its region is that of its people where they have none of their own."""
    policy.require_right(viewer, "roster.edit")
    team = add_team(session, name=wanted.name, region_id=wanted.region_id)
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
