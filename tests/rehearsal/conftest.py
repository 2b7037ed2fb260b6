"""The company whose past is replayed."""

import pytest

from crm_core.foundation.resources import Resources
from tests.rehearsal.scenes import Company, found_company


@pytest.fixture
def company(resources: Resources) -> Company:
    return found_company(resources)
