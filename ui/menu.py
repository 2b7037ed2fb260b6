"""Which screens there are and who is offered them: one row a screen, first row first.

Offering is convenience only; what a person may see or do is decided by the server at every request.
"""

from collections.abc import Iterable
from dataclasses import dataclass

EVERYBODY = frozenset(
    {"rep", "presales", "delivery", "finance", "trainer", "manager", "director", "operations", "admin"}
)
SELLING = frozenset({"rep", "manager", "director", "admin"})
LEARNING = EVERYBODY - {"finance"}
CUSTOMER_FACING = EVERYBODY - {"trainer"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A screen: its file under ui/screens, its address, its icon, and the roles that are offered it."""

    file: str
    icon: str
    section: str
    roles: frozenset[str]
    #: false for the page of one record, which lists lead to
    is_listed: bool = True

    @property
    def path(self) -> str:
        return self.file.replace("_", "-")


MENU = (
    Entry("today", ":material/today:", "work", EVERYBODY),
    Entry("customers", ":material/domain:", "work", CUSTOMER_FACING),
    Entry("customer", ":material/badge:", "work", CUSTOMER_FACING, is_listed=False),
    Entry("leads", ":material/filter_alt:", "work", CUSTOMER_FACING),
    Entry("lead", ":material/route:", "work", CUSTOMER_FACING, is_listed=False),
    Entry("overdue", ":material/schedule:", "work", SELLING | {"operations"}),
    Entry("pools", ":material/inbox:", "work", frozenset({"rep", "manager", "director", "operations", "admin"})),
    Entry("cases", ":material/menu_book:", "know_how", LEARNING),
    Entry("case", ":material/article:", "know_how", LEARNING, is_listed=False),
    Entry("capture", ":material/edit_note:", "know_how", SELLING, is_listed=False),
    Entry(
        "certification",
        ":material/verified:",
        "know_how",
        frozenset({"rep", "trainer", "manager", "director", "admin"}),
    ),
    Entry("points", ":material/stars:", "know_how", frozenset({"rep", "trainer", "manager", "director", "admin"})),
    Entry(
        "stage_health",
        ":material/monitor_heart:",
        "team",
        frozenset({"rep", "manager", "director", "operations", "admin"}),
    ),
    Entry("assignment_health", ":material/troubleshoot:", "operations", frozenset({"operations", "admin"})),
    Entry("skills", ":material/fitness_center:", "team", frozenset({"trainer", "manager", "director", "admin"})),
    Entry("team", ":material/groups:", "team", frozenset({"manager", "director", "operations", "admin"})),
    Entry("setup", ":material/rocket_launch:", "operations", frozenset({"operations", "admin"})),
    Entry(
        "assignment", ":material/alt_route:", "operations", frozenset({"manager", "director", "operations", "admin"})
    ),
    Entry("people", ":material/badge:", "team", frozenset({"manager", "director", "operations", "admin"})),
    Entry(
        "roster_changes",
        ":material/history:",
        "operations",
        frozenset({"manager", "director", "operations", "admin"}),
        is_listed=False,
    ),
    Entry("imports", ":material/upload_file:", "operations", frozenset({"operations", "admin"})),
    Entry("process", ":material/schema:", "operations", frozenset({"operations", "admin"})),
    Entry("process_edit", ":material/edit:", "operations", frozenset({"operations", "admin"}), is_listed=False),
    Entry("rehearsal", ":material/fact_check:", "operations", frozenset({"operations", "admin"}), is_listed=False),
    Entry("account", ":material/person:", "account", EVERYBODY),
)

#: where each role starts its day; of several roles the first in this order counts
FIRST_SCREENS = (("trainer", "skills"), ("manager", "team"), ("director", "team"))


def offered(roles: Iterable[str]) -> list[Entry]:
    """The screens for somebody with these roles."""
    held = frozenset(roles)
    return [entry for entry in MENU if entry.roles & held]


def first_screen(roles: Iterable[str]) -> str:
    """Where somebody with these roles lands after logging in."""
    held = frozenset(roles)
    return next((file for role, file in FIRST_SCREENS if role in held), "today")
