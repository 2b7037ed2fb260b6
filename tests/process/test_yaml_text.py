"""YAML that strangers wrote: refused where it is hostile, read as it was typed where it is not."""

import pytest

from crm_core.process.errors import PlaybookInvalid, PlaybookTooLarge
from crm_core.process.yaml_text import LARGEST_BYTES, read_yaml


def problem_of(data: bytes) -> dict:
    with pytest.raises(PlaybookInvalid) as refusal:
        read_yaml("own.yaml", data)
    (problem,) = refusal.value.parameters["problems"]
    assert problem["what"]["zh"] != problem["what"]["en"]
    return problem


@pytest.mark.parametrize(
    ("data", "line", "code"),
    [
        (b"a: 1\nb: &x [1]\nc: *x\n", 2, "anchor_used"),
        (b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", 1, "anchor_used"),
        (b"a: 1\nb: !!python/object:os.system x\n", 2, "tag_used"),
        (b"a: " + b"[" * 200 + b"]" * 200, 1, "too_deep"),
        (b"a: " + b"[" * 900_000 + b"]" * 900_000, 1, "too_deep"),
        (b"a:\n" + b"[" * 1_000_000, 2, "yaml_broken"),
        (b"\n".join(b" " * depth + b"a:" for depth in range(60)), 25, "too_deep"),
        ("a: 1\nb: 中文\n".encode("gb18030"), 2, "not_utf8"),
        ("a: 1\n".encode("utf-16"), 1, "not_utf8"),
        (b"a: 1\nb: \x07\n", 2, "unprintable"),
        (b'a: 1\nb: "\\0"\n', 2, "unprintable"),
        (b"a: 1\n\tb: 2\n", 2, "yaml_broken"),
        (b"a: 1\na: 2\n", 2, "written_twice"),
        (b"a: 1\n[b]: 2\n", 2, "key"),
        (b"- 1\n", 1, "sections_needed"),
        (b"", 1, "sections_needed"),
        (b"a: 1\n---\nb: 2\n", 2, "yaml_broken"),
    ],
)
def test_what_is_hostile_or_broken_is_refused_at_its_line(data: bytes, line: int, code: str) -> None:
    problem = problem_of(data)
    assert (problem["code"], problem["line"], problem["file"]) == (code, line, "own.yaml")


def test_ten_megabytes_are_refused_unread() -> None:
    with pytest.raises(PlaybookTooLarge) as refusal:
        read_yaml("own.yaml", b"a: [" + b"1, " * (10 << 20))
    assert refusal.value.parameters["limit_megabytes"] == LARGEST_BYTES >> 20


def test_values_are_what_was_typed() -> None:
    text = (
        "time: 13:30\nanswer: no\nnumber: 007\nday: 2026-02-30\ncount: 48\nshare: 0.4\nyes: true\nnothing: ~\n1001: 2\n"
    )
    assert read_yaml("own.yaml", b"\xef\xbb\xbf" + text.encode()).content == {
        "time": "13:30",
        "answer": "no",
        "number": "007",
        "day": "2026-02-30",
        "count": 48,
        "share": 0.4,
        "yes": True,
        "nothing": None,
        "1001": 2,
    }
