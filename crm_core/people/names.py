"""People's names as sort and search keys."""

#: characters that sound different when they are a surname
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "盖": "ge", "缪": "miao",
    "朴": "piao", "覃": "qin", "乐": "yue", "员": "yun", "种": "chong", "隗": "wei", "郇": "xun",
    "秘": "bi", "繁": "po", "召": "shao", "折": "she", "黑": "he", "牟": "mu", "洗": "xian",
}  # fmt: skip


def pinyin(name: str) -> str:
    """A person's name in toneless pinyin, syllables apart, lower case: 曾伟 → "zeng wei"; other letters stay."""
    # its dictionary of phrases weighs 50 MB, which a process that reads no names does without
    from pypinyin import Style, lazy_pinyin

    name = name.strip()
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors="default")
    if name[:1] in _SURNAMES:
        syllables[0] = _SURNAMES[name[0]]
    return " ".join(syllables).casefold()
