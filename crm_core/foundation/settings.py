"""Typed settings, from the environment and an optional `.env` file."""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm_core.foundation.errors import Misconfigured

_DEVELOPMENT_SECRET = "development-only-secret"  # noqa: S105 - refused outside development
_MINIMUM_SECRET_LENGTH = 32


class WeakSecret(Misconfigured):
    code = "weak_secret"


def default_data_folder() -> Path:
    """The user's own data folder, by the XDG convention."""
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "salesdojo"


class Settings(BaseSettings):
    """Every knob of an installation; each is listed in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix="SALESDOJO_", env_file=".env", extra="ignore", frozen=True)

    #: development: default secrets allowed. test: as development, with cheap password hashes. production: neither.
    environment: Literal["development", "test", "production"] = "development"
    #: signs what leaves the server and must come back unchanged (OIDC state, file links); at least 32 characters
    secret_key: SecretStr = SecretStr(_DEVELOPMENT_SECRET)
    #: an external PostgreSQL (16 or later), for example postgresql://user:password@host/name; absent = embedded
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SALESDOJO_DATABASE_URL", "DATABASE_URL")
    )
    database_pool_size: int = Field(default=10, ge=1, le=90)
    #: the embedded database, uploaded files and models live here
    data_folder: Path = Field(default_factory=default_data_folder)
    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=1, le=65535)
    #: the address users type, for links in messages and OIDC; default http://host:port
    public_url: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    default_locale: Literal["zh", "en"] = "zh"

    session_hours: int = Field(default=12, ge=1, le=24 * 90)
    login_attempts: int = Field(default=5, ge=1)
    lockout_minutes: int = Field(default=15, ge=1)

    upload_limit_megabytes: int = Field(default=100, ge=1)
    audio_limit_minutes: int = Field(default=60, ge=1)
    import_limit_rows: int = Field(default=1_000_000, ge=1)

    #: folder or hub name of a CTranslate2 Whisper model; see `dojo models`
    speech_model: str | None = None
    #: folder or hub name of a sentence-transformers model; see `dojo models`
    text_encoder: str | None = None

    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None

    @model_validator(mode="after")
    def _refuse_weak_secret(self) -> Self:
        secret = self.secret_key.get_secret_value()
        if self.environment == "production" and (secret == _DEVELOPMENT_SECRET or len(secret) < _MINIMUM_SECRET_LENGTH):
            raise WeakSecret(setting="SALESDOJO_SECRET_KEY", minimum_length=_MINIMUM_SECRET_LENGTH)
        return self

    @cached_property
    def address(self) -> str:
        """Where a user's browser finds the product."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def uses_embedded_database(self) -> bool:
        return self.database_url is None

    @property
    def files_folder(self) -> Path:
        return self.data_folder / "files"

    @property
    def models_folder(self) -> Path:
        return self.data_folder / "models"
