"""Shapes of the rules by which leads find their owner: conditions → pool → strategy, and a fallback that holds."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from crm_core.process.access_rules import RoleName
from crm_core.process.sections import Code, Label, Section, mistake

#: what a rule may look at: region code, the customer's industry, size and city, and what the lead says of itself;
#: `arrival` is working_hours or off_hours of the first calendar
Fact = Literal["region", "industry", "size", "city", "source", "product", "language", "amount", "arrival"]
Test = Literal["one_of", "none_of", "contains", "at_least", "at_most", "present", "absent"]
Strategy = Literal["round_robin", "weighted", "least_loaded", "best_fit"]


class Condition(Section):
    """A test of one fact: a set of values, a number to compare with, or nothing for present and absent."""

    fact: Fact
    test: Test
    values: tuple[str, ...] = ()
    number: Decimal | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        compares, bare = self.test in {"at_least", "at_most"}, self.test in {"present", "absent"}
        if compares and (self.fact != "amount" or self.number is None or self.values):
            raise mistake("condition_compares")
        if bare and (self.values or self.number is not None):
            raise mistake("condition_bare")
        if not compares and not bare and (not self.values or self.number is not None):
            raise mistake("condition_values")
        return self


class PoolMembers(Section):
    """Who belongs to a pool: everyone on the roster of the day for whom all of it holds."""

    roles: tuple[RoleName, ...] = ("rep",)
    #: codes of regions
    regions: tuple[str, ...] = ()
    #: names of teams
    teams: tuple[str, ...] = ()
    #: employee numbers
    people: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    #: only those of the lead's own region
    same_region: bool = False
    #: only those who speak the lead's language, where it names one
    same_language: bool = False


class Pool(Section):
    """People who get leads (assigned), or take them (claimed)."""

    code: Code
    name: Label
    kind: Literal["assigned", "claimed"] = "assigned"
    members: PoolMembers = PoolMembers()
    #: assigned: how one of those who may is chosen
    strategy: Strategy = "round_robin"
    #: weighted: employee number → share; who is not named has 1
    weights: Mapping[str, int] = Field(default_factory=dict)
    #: assigned: the owner of the account goes first, if they may
    keeps_account_owner: bool = True
    #: assigned: nobody gets a lead who has this many open ones; a person's own limit goes before it
    open_leads_limit: int | None = Field(default=None, ge=1)
    #: nobody gets or takes more than this many a day
    daily_limit: int | None = Field(default=None, ge=1)
    #: assigned: only those for whom it is working time by their team's calendar
    only_in_working_hours: bool = False
    #: claimed: who let a lead go may not take it again for so many days
    cooling_off_days: int = Field(default=0, ge=0, le=365)
    #: a lead of this pool goes back to it after so many days without a move or a contact; null never
    recycle_after_days: int | None = Field(default=None, ge=1, le=3650)


class AssignmentRule(Section):
    """A lead for which every condition holds goes to the pool; the first rule with somebody who may have it wins."""

    code: Code
    name: Label
    conditions: tuple[Condition, ...] = ()
    pool: Code


class Fallback(Section):
    """Where a lead goes when no rule finds anybody. A playbook whose fallback reaches nobody is not published."""

    pool: Code
    is_enabled: bool = True


class Assignment(Section):
    rules: tuple[AssignmentRule, ...] = ()
    pools: tuple[Pool, ...] = Field(min_length=1)
    fallback: Fallback

    def pool(self, code: str) -> Pool:
        """Raises KeyError."""
        found = next((pool for pool in self.pools if pool.code == code), None)
        if found is None:
            raise KeyError(code)
        return found
