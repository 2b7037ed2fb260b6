"""docs/settings.md and the settings say the same."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from crm_core.foundation.settings import Settings

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))


def test_each_setting_is_documented_and_no_other() -> None:
    assert set(ROWS) == {f"SALESDOJO_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_documented_default_is_the_real_one(name: str) -> None:
    told, default = ROWS[f"SALESDOJO_{name.upper()}"], Settings.model_fields[name].default
    if default is None:
        assert told.startswith("none") or name == "public_url"
    elif isinstance(default, str | int):
        assert told == f"`{default}`"
    else:
        # the secret and the folder, which have no short value
        assert default is PydanticUndefined or name == "secret_key"
