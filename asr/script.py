"""The written form of recognised Chinese: 简体 characters, full-width punctuation, no stray spaces."""

import re
from functools import cache
from typing import Any

_CJK = r"[\u3400-\u9fff]"
_FULL_WIDTH = str.maketrans({",": "，", "?": "？", "!": "！", ":": "：", ";": "；"})
_PUNCTUATION_AFTER_CJK = re.compile(rf"(?<={_CJK})\s*[,?!:;](?!\d)")
_STOP_AFTER_CJK = re.compile(rf"(?<={_CJK})\s*\.(?=\s|$)")
_SPACE_WITHIN_CJK = re.compile(rf"(?<={_CJK})\s+(?={_CJK})|(?<=[，。？！：；、])\s+|\s+(?=[，。？！：；、])")
_ANYTHING_BUT_WORDS = re.compile(r"[\W_]+")


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional characters to 简体 ones (OpenCC, phrase level); everything else is kept."""
    return str(_converter().convert(text))


def written_form(text: str) -> str:
    """What a reader expects of a line of recognised speech."""
    mainland = simplify(text).strip()
    punctuated = _PUNCTUATION_AFTER_CJK.sub(lambda match: match.group().strip().translate(_FULL_WIDTH), mainland)
    punctuated = _STOP_AFTER_CJK.sub("。", punctuated)
    return _SPACE_WITHIN_CJK.sub("", punctuated)


def bare_form(text: str) -> str:
    """Only letters, digits and characters, in lower case: for comparing what was said."""
    return _ANYTHING_BUT_WORDS.sub("", simplify(text)).lower()
