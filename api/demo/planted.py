"""The true sizes of what is planted in the demo company; docs/demo-company.md explains each one."""

from dataclasses import dataclass

#: leads of one block (scale 1), drawn over the twelve months before today
LEADS_PER_BLOCK = 3600
#: contracts of earlier years that come up for renewal within the twelve months, by region
RENEWALS_NORTH = 250
RENEWALS_ELSEWHERE = 300

#: methods: factor on the days from creation to signature
CYCLE_FACTORS = {"bill_analysis": 0.70, "blind_test": 0.80}
#: methods: points of gross margin
MARGIN_SHIFTS = {"rival_replacement": 0.04, "instalments": -0.03}
#: two methods that do nothing apart and much together
COMBINATION = ("pilot_first", "service_promise")
COMBINATION_CYCLE_FACTOR = 0.75
COMBINATION_MARGIN_SHIFT = 0.06
COMBINATION_WIN_SHIFT = 0.20
COMBINATION_SHARE = 0.12
#: does nothing, but the best reps use it six times as often
CONFOUNDED_METHOD = "executive_visit"
CONFOUNDED_SHARE_TOP = 0.50
CONFOUNDED_SHARE_OTHERS = 0.08
#: methods that a rep knows besides the combination's two and those with a rule of their own
REPERTOIRE_SIZE = 4
#: share of reps who took up the bill analysis within the year, and of their deals since in which they use it
BILL_ANALYSIS_ADOPTERS = 0.35
BILL_ANALYSIS_SHARE = 0.80

#: what the best reps do better, whatever method they use
TOP_CYCLE_FACTOR = 0.83
TOP_MARGIN_SHIFT = 0.03
TOP_WIN_SHIFT = 0.10

#: share of decided quotes that are signed, before the shifts above
WIN_RATE = 0.58
#: the bottleneck: with the shifts above the region's overall rate comes to 31 %
BOTTLENECK_REGION = "south"
BOTTLENECK_RATE = 0.31

#: region B of the story: share of logged customer hours spent on renewals
BURDENED_REGION = "north"
RENEWAL_SHARE_BURDENED = 0.65
RENEWAL_SHARE_OTHERS = 0.20

#: the team whose list says signed while the bank says otherwise
UNPAID_TEAM = "east-2"
UNPAID_TEAM_SIGNED = 142
UNPAID_TEAM_PAID = 23

#: renewals: rate in the first and second half of the year
RENEWAL_RATE_FIRST_HALF = 0.85
RENEWAL_RATE_SECOND_HALF = 0.70
#: of customers not renewed and silent for more than 45 days before expiry, the share with a late delivery
SILENT_NOT_RENEWED_SHARE = 0.60
DELAY_SHARE_SILENT_NOT_RENEWED = 0.73
DELAY_SHARE_OTHERS = 0.15
SILENT_SHARE_OTHERS = 0.12
SILENCE_DAYS = 45

#: share of active reps below the required level in handling price objections
PRICE_OBJECTION_GAP = 0.83
PRICE_COURSE_GAIN = 0.6
IDLE_COURSE_GAIN = 0.0

#: two months in which one region's solutions fit the customers' needs badly
WEAK_FIT_REGION = "southwest"
WEAK_FIT_SCORE = 68
USUAL_FIT_SCORE = 81


@dataclass(frozen=True, slots=True)
class MethodEffect:
    """What a set of methods does to one deal."""

    cycle_factor: float
    margin_shift: float
    win_shift: float


def effect_of(methods: frozenset[str]) -> MethodEffect:
    """The planted effect of the methods used in one deal."""
    cycle, margin, win = 1.0, 0.0, 0.0
    for method in methods:
        cycle *= CYCLE_FACTORS.get(method, 1.0)
        margin += MARGIN_SHIFTS.get(method, 0.0)
    if methods.issuperset(COMBINATION):
        cycle *= COMBINATION_CYCLE_FACTOR
        margin += COMBINATION_MARGIN_SHIFT
        win += COMBINATION_WIN_SHIFT
    return MethodEffect(cycle, margin, win)
