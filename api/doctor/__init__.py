"""Looks at everything that a broken installation can have, and says how to mend it."""

from api.doctor.examination import examine
from api.doctor.finding import Finding

__all__ = ["Finding", "examine"]
