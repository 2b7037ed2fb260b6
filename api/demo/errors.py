"""Why the demo company is not loaded."""

from crm_core.foundation.errors import Conflict


class CompanyNotEmpty(Conflict):
    """The installation holds a real company, which the demo must not be mixed with."""

    code = "company_not_empty"
