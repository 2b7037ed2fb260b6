"""Cuts text into the terms that are counted: words, character bigrams, spoken syllables."""

import logging
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import jieba

jieba.setLogLevel(logging.WARNING)

HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
LATIN_RUN = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
CODE = re.compile(r"[a-z]+-?[a-z]*\d+[a-z0-9]*|[a-z]+-[a-z0-9]+")
MAXIMUM_CHARACTERS = 20_000
#: the pairs that speakers and input methods confuse
FUZZY_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def normalise(text: str) -> str:
    """Return the text in one width and one case, cut to a length that keeps a search short."""
    return unicodedata.normalize("NFKC", text[:MAXIMUM_CHARACTERS]).lower()


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    listed = resources.files("knowledge.retrieval.vocabulary").joinpath("stop_words.txt").read_text("utf-8")
    return frozenset(listed.split())


def stem(word: str) -> str:
    """Return an English word without its commonest endings; both sides are cut alike, so crude is enough."""
    for ending, replacement in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ions", ""),
        ("ion", ""),
        ("ing", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return (word[: -len(ending)] + replacement).removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word


def product_codes(text: str) -> list[str]:
    """Return codes such as DC-240 without their hyphens, so that dc240 and DC-240 are one."""
    return [code.replace("-", "") for code in CODE.findall(normalise(text))]


def bigrams(text: str) -> list[str]:
    """Return the overlapping character pairs of each run of Chinese characters; a lone character stands for itself."""
    terms: list[str] = []
    for run in HAN_RUN.findall(normalise(text)):
        terms += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return terms


@lru_cache(maxsize=16_384)
def syllable(character: str) -> str:
    """Return the commonest reading of one Chinese character, toneless, with commonly confused sounds made equal.

    Characters are read one by one: what counts is that cases and queries are read alike, and it is fast.
    """
    from pypinyin import lazy_pinyin

    sound: str = lazy_pinyin(character)[0]
    for distinct, merged in FUZZY_INITIALS:
        if sound.startswith(distinct):
            sound = merged + sound.removeprefix(distinct)
    return sound.removesuffix("g") if sound.endswith("ng") else sound


def syllables(han: str) -> list[str]:
    """Return the syllable of each Chinese character."""
    return [syllable(character) for character in han]


def syllable_pairs(text: str) -> list[str]:
    """Return overlapping pairs of syllables, the same for homophones."""
    terms: list[str] = []
    for run in HAN_RUN.findall(normalise(text)):
        spoken = syllables(run)
        terms += [f"{first} {second}" for first, second in pairwise(spoken)]
    return terms


@lru_cache(maxsize=1)
def general_dictionary() -> jieba.Tokenizer:
    """Return jieba's own dictionary, read once for the process."""
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def copied_dictionary() -> jieba.Tokenizer:
    """Return a dictionary of its own to add words to; copying takes a fiftieth of the time of reading."""
    general, copied = general_dictionary(), jieba.Tokenizer()
    copied.FREQ, copied.total, copied.initialized = dict(general.FREQ), general.total, True
    return copied


class WordCutter:
    """Cuts Chinese into words with a dictionary of its own, extended by the company's products and lexicon."""

    def __init__(self, company_words: Iterable[str] = ()) -> None:
        self._tokenizer = copied_dictionary()
        for word in company_words:
            for run in HAN_RUN.findall(normalise(word)):
                if 2 <= len(run) <= 8:
                    self._tokenizer.add_word(run)

    def words(self, text: str) -> list[str]:
        """Return the meaningful words: Chinese cut by dictionary, English stemmed, codes whole."""
        plain = normalise(text)
        terms = [
            stem(word) if word.isalpha() else word for word in LATIN_RUN.findall(plain) if word not in stop_words()
        ]
        for run in HAN_RUN.findall(plain):
            terms += [word for word in self._tokenizer.cut_for_search(run) if word not in stop_words()]
        return terms
