"""From nothing to V1: how far the company is."""

from fastapi import APIRouter

from api.acting import ActingDep
from api.contracts.setup import SetupProgress
from api.setup_progress import setup_progress

router = APIRouter(prefix="/api/setup", tags=["setup"])


@router.get("")
def show_setup(acting: ActingDep) -> SetupProgress:
    """The steps with what is there of each, and the next one."""
    return setup_progress(acting)
