"""How much of what a customer asked for is said by a label, by what stands around it, and by its unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qa.names import MEASURE, Features, kin

_BY_KIN, _BY_UNIT, _BY_SUBJECT = 0.8, 0.75, 0.5
_SAID_BY_UNIT: dict[str, frozenset[str]] = {
    head: frozenset(kinds)
    for kinds, heads in (
        (("[power]",), ("功率", "功耗")),
        (("[mass]",), ("重量", "抓取")),
        (("[length]",), ("长度", "距离", "深度", "高度", "宽度", "厚度", "直径")),
        (("[voltage]",), ("电压",)),
        (("[current]",), ("电流",)),
        (("[level]",), ("噪声",)),
        (("[temperature]",), ("温度", "工作温度")),
        (("[rotation]",), ("转速",)),
        (("[time]", "[count] / [time]", "[length] / [time]", "[rotation]"), ("速度",)),
        (("[frame] / [time]",), ("帧率",)),
        (("[torque]",), ("扭矩",)),
    )
    for head in heads
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A label's meaning with its surroundings; `fits`: its unit is of the requested kind (None: unknown).
    To a question, neighbouring concepts are an answer too."""

    label: Features
    around: Features
    subject: Features
    kinds: frozenset[str]
    fits: bool | None
    for_question: bool = False

    def _said(self, feature: str, weight: float) -> float:
        """The part of one feature that is said: 1 in words, less by the unit or by the document's subject."""
        if feature in self.label.weights or feature in self.around.weights:
            return 1.0
        if weight == MEASURE and self.fits:
            return 1.0
        if self.for_question and any(frozenset((feature, other)) in kin() for other in self.label.weights):
            return _BY_KIN
        if _SAID_BY_UNIT.get(feature, frozenset()) & self.kinds:
            return _BY_UNIT
        return _BY_SUBJECT if feature in self.subject.weights else 0.0

    def share_of(self, wanted: Features, among: Iterable[str]) -> float:
        """The share of the wanted features `among` those given that is said; 1 when none are given."""
        weights = {feature: wanted.weights[feature] for feature in among}
        total = sum(weights.values())
        return (
            sum(weight * self._said(feature, weight) for feature, weight in weights.items()) / total if total else 1.0
        )

    def precision_for(self, wanted: Features) -> float:
        """The share of the label that was asked for."""
        extra = sum(
            weight
            for feature, weight in self.label.weights.items()
            if feature not in wanted.weights and not (self.for_question and self._is_kin(feature, wanted))
        )
        return 1 - extra / self.label.total if self.label.total else 0.0

    def _is_kin(self, feature: str, wanted: Features) -> bool:
        return any(frozenset((feature, other)) in kin() for other in wanted.weights)

    def is_wider_than(self, wanted: Features) -> bool:
        """防雷 for 端口防雷: everything the label means was asked for, and less."""
        return bool(self.label.content()) and self.label.content() < wanted.content()

    def narrows_differently(self, wanted: Features) -> bool:
        """整桩功率 is not 单模块功率: each narrows the same thing down in a way of its own."""
        said = self.label.weights.keys() | self.around.weights.keys()
        if self.for_question:
            return False
        narrowing = (wanted.modifiers() | (wanted.content() & self.subject.weights.keys())) - said - {"单"}
        return bool(narrowing and self.label.content() - wanted.content())
