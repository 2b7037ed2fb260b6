"""The shape of a playbook document for editors and other programs."""

from functools import cache
from typing import Any

from crm_core.process.playbook import Playbook


@cache
def playbook_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of what a document holds; checks across sections are not in it."""
    schema = Playbook.model_json_schema()
    # kept beside the content, never written in it
    del schema["properties"]["version"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
