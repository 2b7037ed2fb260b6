"""Chooses a few cases that differ: three wins of one rep with one method teach less than three ways to win."""

from collections.abc import Callable, Sequence

from knowledge.retrieval.library import CaseDocument

Scored = tuple[CaseDocument, float]
Chooser = Callable[[Sequence[Scored], int], Sequence[Scored]]
SAME_REP_COST, SAME_METHODS_COST = 0.06, 0.06
#: variety never brings in a case scoring below this share of the best
RELEVANCE_FLOOR = 0.6


def choose_best(ranked: Sequence[Scored], count: int) -> Sequence[Scored]:
    """Return the first of the ranked cases."""
    return ranked[:count]


def choose_diverse(ranked: Sequence[Scored], count: int) -> list[Scored]:
    """Return `count` of the ranked cases: the best, then those that add a new rep or new methods at little cost."""
    if not ranked:
        return []
    best = ranked[0][1]
    candidates = [scored for scored in ranked if scored[1] >= RELEVANCE_FLOOR * best]
    chosen: list[Scored] = []
    while candidates and len(chosen) < count:
        choice = max(candidates, key=lambda scored: scored[1] - best * repetition(scored[0], chosen))
        candidates.remove(choice)
        chosen.append(choice)
    return chosen + [scored for scored in ranked if scored not in chosen][: count - len(chosen)]


def repetition(case: CaseDocument, chosen: Sequence[Scored]) -> float:
    """Return what a case costs for repeating reps and methods already chosen."""
    cost = 0.0
    for other, _ in chosen:
        if case.rep_id and case.rep_id == other.rep_id:
            cost += SAME_REP_COST
        if case.methods:
            cost += SAME_METHODS_COST * len(set(case.methods) & set(other.methods)) / len(set(case.methods))
    return cost
