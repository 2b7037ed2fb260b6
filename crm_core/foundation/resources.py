"""What every request and job is handed by the composition root."""

from dataclasses import dataclass

from crm_core.foundation.database import Database
from crm_core.foundation.files import FileStore
from crm_core.foundation.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    settings: Settings
    database: Database
    files: FileStore
