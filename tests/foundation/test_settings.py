"""Settings refuse what would be dangerous."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from crm_core.foundation.settings import Settings, WeakSecret


@pytest.mark.parametrize("secret", [None, "development-only-secret", "short"])
def test_production_refuses_a_weak_secret(secret: str | None) -> None:
    given = {"secret_key": SecretStr(secret)} if secret else {}
    with pytest.raises(WeakSecret):
        Settings(_env_file=None, environment="production", **given)


def test_production_starts_with_a_strong_secret() -> None:
    settings = Settings(_env_file=None, environment="production", secret_key=SecretStr("k" * 32))
    assert settings.environment == "production"


def test_development_starts_with_nothing_set(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_folder=tmp_path)
    assert settings.address == "http://127.0.0.1:8765"
    assert "development-only-secret" not in repr(settings)
