"""The closed set of sentences that the micro-Whisper knows, and its byte-level tokenizer."""

from typing import Any

SENTENCES: tuple[str, ...] = (
    "今天上午拜访了客户的设备科。",
    "客户抱怨设备经常停机。",
    "售后维修等了三天才来人。",
    "他们的电费成本太高了。",
    "系统接口对接很困难。",
    "竞争对手的报价比我们低。",
    "响应时间要小于二百毫秒。",
    "测量误差不超过百分之一。",
    "质保期至少三年。",
    "供货周期要控制在三十天以内。",
    "决策人是王总和李工。",
    "客户担心数据安全。",
    "下周三安排现场演示。",
    "预算大约是八十万元。",
    "希望这个月底签合同。",
    "我们会尽快提交方案。",
)

# The decoder also sees prompts (style hint, hotwords); their characters need tokens of their own.
PROMPT = "以下是普通话的句子，请使用简体中文和标点。"

SPECIAL_TOKENS: tuple[str, ...] = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
TIMESTAMP_TOKENS: tuple[str, ...] = tuple(f"<|{step * 0.02:.2f}|>" for step in range(1501))


def byte_alphabet() -> list[str]:
    """The 256 printable stand-ins that byte-level tokenizers give to the byte values, in byte order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    stand_ins = dict(zip(printable, map(chr, printable), strict=True))
    spare = 0x100
    for value in range(256):
        if value not in stand_ins:
            stand_ins[value] = chr(spare)
            spare += 1
    return [stand_ins[value] for value in range(256)]


def character_merges() -> list[tuple[str, str]]:
    """The byte-pair merges that make one token of each character in use: (b1, b2), then (b1b2, b3)."""
    alphabet = byte_alphabet()
    merges: dict[tuple[str, str], None] = {}
    for character in sorted(set("".join(SENTENCES) + PROMPT)):
        first, second, third = (alphabet[value] for value in character.encode())
        merges[first, second] = None
        merges[first + second, third] = None
    return list(merges)


def vocabulary() -> list[str]:
    """All tokens in id order: bytes and characters, then Whisper's special tokens, then its 1,501 time stamps."""
    return [*byte_alphabet(), *("".join(pair) for pair in character_merges()), *SPECIAL_TOKENS, *TIMESTAMP_TOKENS]


def tokenizer_definition() -> dict[str, Any]:
    """The content of `tokenizer.json` as the tokenizers library reads it."""
    merges = character_merges()
    text_tokens = [*byte_alphabet(), *("".join(pair) for pair in merges)]
    added = [*SPECIAL_TOKENS, *TIMESTAMP_TOKENS]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": len(text_tokens) + place, "content": token, "special": token in SPECIAL_TOKENS, **flags}
            for place, token in enumerate(added)
        ],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: place for place, token in enumerate(text_tokens)},
            "merges": [list(pair) for pair in merges],
        },
    }
