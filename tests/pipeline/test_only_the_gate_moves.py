"""Nobody but the gate writes a lead's stage, outcome or payment state: read from the source of the product."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUARDED = {"stage", "stage_entered_at", "outcome", "outcome_at", "outcome_reason", "payment_state", "back_moves"}
#: the gate, and its door for many leads that have a past
GATE = {"crm_core/pipeline/gate.py", "crm_core/pipeline/adoption.py"}
#: the demo company's past is written as it happened, into an empty company, beside its moves
HISTORIAN = "api/demo/"
#: a statement in words
_STATEMENT = re.compile(
    rf"UPDATE leads SET ((?!\b(FROM|WHERE)\b).)*\b({'|'.join(sorted(GUARDED))}) *=|INSERT INTO leads\b", re.DOTALL
)


def test_only_the_gate_writes_what_it_guards() -> None:
    writers = {place for path in _product_files() for place in _writes(path)}
    assert {place.split(":")[0] for place in writers} == GATE


def test_the_search_finds_every_way_to_write() -> None:
    ways = (
        "lead.stage = 'x'",
        "lead.stage, other = 1, 2",
        "lead.back_moves += 1",
        "setattr(lead, 'outcome', 'won')",
        "Lead(stage='x')",
        "update(Lead).values(payment_state='paid')",
        "update(Lead).values({'outcome': 'won'})",
        "text('UPDATE leads SET stage = 1')",
    )
    for way in ways:
        assert list(_written(ast.parse(f"from crm_core.pipeline.tables import Lead\n{way}"))), way


def _product_files() -> Iterator[Path]:
    for package in ("api", "asr", "coaching", "crm_core", "knowledge", "qa", "ui"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(HISTORIAN) and "migrations/versions" not in name:
                yield path


def _writes(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if any(word in source for word in ("pipeline.tables import", "pipeline.gate import", "leads")):
        for line in _written(ast.parse(source)):
            yield f"{path.relative_to(ROOT).as_posix()}:{line}"


def _written(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _STATEMENT.search(node.value):
            yield node.lineno
        assigned = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in GUARDED
        if assigned or (isinstance(node, ast.Call) and _sets_guarded(node)):
            yield node.lineno


def _sets_guarded(call: ast.Call) -> bool:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called == "setattr":
        return isinstance(call.args[1], ast.Constant) and call.args[1].value in GUARDED
    if called not in {"Lead", "values"}:
        return False
    keys = [key for argument in call.args if isinstance(argument, ast.Dict) for key in argument.keys]
    listed = {key.value for key in keys if isinstance(key, ast.Constant)}
    return bool(GUARDED & ({keyword.arg for keyword in call.keywords} | listed))
