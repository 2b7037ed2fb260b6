"""Company names: as sort and search keys, and which of them are most likely the same company."""

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache

#: what a name says of its legal form, not of the company
_LEGAL_FORM = re.compile(
    r"(?:(?:集团|控股)?(?:股份)?(?:有限)?(?:责任)?公司|集团|\s*co\.?,?\s?ltd\.?|\s*inc\.?|\s*corp\.?|\s*limited|\s*llc)$"
)
_NOT_A_LETTER = re.compile(r"[\W_]+")
_NEAR = 0.88


def company_pinyin(name: str) -> str:
    """A company's name in toneless pinyin, syllables apart, lower case; other letters stay."""
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(name.strip(), errors="default")).casefold()


@lru_cache(maxsize=50_000)
def core_name(name: str) -> str:
    """A company's name without width, case, punctuation and legal form."""
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    core = _NOT_A_LETTER.sub("", _LEGAL_FORM.sub("", plain))
    return core or _NOT_A_LETTER.sub("", plain)


def is_near(name: str, other: str) -> bool:
    """Whether two names are the same but for legal form, punctuation, a homophone or one slip."""
    first, second = core_name(name), core_name(other)
    if first == second:
        return True
    if min(len(first), len(second)) < 4:
        return False
    return SequenceMatcher(None, first, second).ratio() >= _NEAR or company_pinyin(first) == company_pinyin(second)
