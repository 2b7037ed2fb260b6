"""Every router of the HTTP interface; one line adds an area."""

from importlib import import_module

from fastapi import APIRouter

#: modules of this package, in the order of the documentation
AREAS = (
    "authentication",
    "account",
    "people",
    "teams",
    "roster",
    "handovers",
    "scim",
    "playbook",
    "playbook_documents",
    "playbook_versions",
    "playbook_drafts",
    "rehearsals",
    "setup",
    "customers",
    "timeline",
    "documents",
    "leads",
    "bulk_edit",
    "dwell",
    "calendars",
    "assignment",
    "pools",
    "tasks",
    "imports",
    "transcripts",
    "diagnoses",
    "document_checks",
    "cases",
    "methods",
    "recommendations",
    "points",
    "certification",
    "skills",
    "stage_health",
    "assignment_health",
    "operations",
    "pages",
)


def routers() -> list[APIRouter]:
    """The routers of all areas."""
    return [import_module(f"api.routes.{area}").router for area in AREAS]
