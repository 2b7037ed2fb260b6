"""Whose product a column, a card or a sentence is about: ours, a competitor's, or what the customer demands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qa.documents import Document
from qa.quantities import normalise

_MARKER = re.compile(
    r"我方|我司|我公司|我厂|我们|我品牌|本公司|本司|本厂|本品|本产品|本机|本方|本企业|本方案|本系统|本项目产品|自有|自研产品|自家|己方|投标产品|推荐型号"
    r"|(?<![a-z])(?:ours?|our\s+\w+|us|we)(?![a-z])"
)
_REQUIREMENT = re.compile(
    r"要求|需求|标准值|门槛|招标|采购|国标|行标|minimum|required?|requirement|target|spec(?:ification)? limit|法规"
)
_COMPETITOR = re.compile(
    r"友商|竞品|竞争|对手|同行|同类|竞对|他牌|他家|其[他它]|别家|行业(?!领先|标准)|业界(?!领先)|普通|传统|进口(?!口)|国产(?!化)|国际(?!标准|认证)|国内(?=[\s·a-z甲乙]|品牌|厂)|competitors?|rivals?|others?|vendor|brand"
    r"|品牌[甲乙丙丁a-z\d一二三]|厂[商家][甲乙丙丁a-z\d一二三]|[a-z]\s?[厂款牌]|[甲乙丙丁]\s?[厂款牌]|公司[甲乙丙a-d]"
)
_MODEL = re.compile(r"[a-z]+(?:[\s-]?[a-z]*\d+[a-z\d]*)+(?:[-][a-z\d]+)*")
_GENERIC = frozenset(
    ["方案", "设备", "产品", "系统", "机型", "型号", "平台", "品牌", "机器", "仪器", "公司", "样机", "主机"]
)
_EXACT, _NAME, _MARKED, _BRAND = 5, 4, 3, 2


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", normalise(text).lower()).strip()


def _models(text: str) -> frozenset[str]:
    return frozenset(re.sub(r"[\s-]", "", model) for model in _MODEL.findall(text))


@dataclass(frozen=True)
class Owners:
    """Knows our product's names; `rivals` are the other products named in the document's headers."""

    own_product: str | None
    names: tuple[str, ...] = ()
    rivals: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, document: Document, own_product: str | None) -> Owners:
        """Names from `own_product` and from sentences such as "晟阳为我公司品牌"."""
        names = list(_names(own_product)) if own_product else []
        if not names:
            said = re.findall(
                r"([\w\u4e00-\u9fff-]{2,20}?)\s*(?:为|是|即)\s*(?:我方|我公司|本公司|我司)",
                normalise(document.visible_text()),
            )
            names += [_plain(name) for name in said]
        return cls(own_product, tuple(dict.fromkeys(names)))

    def with_rivals(self, rivals: frozenset[str]) -> Owners:
        return Owners(self.own_product, self.names, rivals)

    def rank(self, text: str) -> int:
        """How surely `text` names our product: 5 exactly, 4 by name, 3 by a word like 我方, 2 by brand, 0 not."""
        plain = _plain(text)
        if not plain or _REQUIREMENT.search(plain):
            return 0
        if self.own_product and plain == _plain(self.own_product):
            return _EXACT
        own_models = frozenset(model for name in self.names for model in _models(name))
        models = _models(plain)
        is_sibling = bool(own_models and models and not own_models & models)
        if is_sibling:
            return 0
        if own_models & models or any(_contains(plain, name) for name in self.names):
            return _NAME
        if _MARKER.search(plain):
            return _MARKED
        return _BRAND if self._shares_brand(plain) else 0

    def _shares_brand(self, plain: str) -> bool:
        if _COMPETITOR.search(plain):
            return False
        brands = [_MODEL.sub("", name).strip(" -") for name in self.names]
        return any(len(brand) >= 2 and (brand in plain or (len(plain) >= 2 and plain in brand)) for brand in brands)

    def is_rival(self, text: str) -> bool:
        """Whether `text` names somebody else's product or a demand."""
        plain = _plain(text)
        if self.rank(text):
            return False
        is_sibling = bool(_models(plain) and any(_models(name) for name in self.names))
        is_named = any(name in plain for name in self.rivals)
        return bool(is_sibling or is_named or _COMPETITOR.search(plain) or _REQUIREMENT.search(plain))

    def mentions(self, text: str) -> list[tuple[int, bool]]:
        """Where `text` speaks of somebody: (position, whether of us), left to right."""
        plain = normalise(text).lower()
        own = [re.escape(name) for name in self.names if len(name) >= 2]
        own += [re.escape(brand) for name in self.names if len(brand := _MODEL.sub("", name).strip(" -")) >= 2]
        found: dict[int, bool] = {match.start(): True for match in _MARKER.finditer(plain)}
        for name in own:
            found.update({match.start(): True for match in re.finditer(name, plain)})
        others = list(_COMPETITOR.finditer(plain))
        for rival in self.rivals:
            others += list(re.finditer(re.escape(rival), plain))
        for match in others:
            if not any(
                start <= match.start() < start + 6 for start, ours in found.items() if ours and start == match.start()
            ):
                found.setdefault(match.start(), False)
        return sorted(found.items())


def is_requirement(text: str) -> bool:
    """招标要求, Minimum ... : what somebody demands, not what a product does."""
    return bool(_REQUIREMENT.search(_plain(text)))


def looks_like_rival(text: str) -> bool:
    return bool(_COMPETITOR.search(_plain(text)))


def _names(own_product: str) -> list[str]:
    pieces = re.split(r"[()（）\[\]【】/、|]+", _plain(own_product))
    bare = [_MARKER.sub(" ", piece).strip(" -:：·产品") for piece in pieces]
    return [re.sub(r"\s+", " ", piece) for piece in bare if len(piece) >= 2 and piece not in _GENERIC]


def _contains(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<![a-z\d]){re.escape(name)}(?![a-z\d])", text)) if name else False
