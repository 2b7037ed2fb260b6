"""The command `dojo`. Each module adds its own commands; heavy imports wait until a command runs."""

import signal
import sys
from importlib import import_module

import typer

from crm_core.foundation.errors import ProductError
from crm_core.foundation.translations import translate

MODULES = ("up", "server", "demo", "playbook", "users", "models", "transcribe", "evaluate", "backup", "doctor")


def assemble() -> typer.Typer:
    """The command with all its parts."""
    app = typer.Typer(
        name="dojo",
        help="SalesDojo 销售道场: run it, look after it, measure it.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for module in MODULES:
        import_module(f"api.cli.{module}").register(app)
    return app


def main() -> None:
    """Run a command; a refusal of the product's own is told in words and not as a traceback."""
    # being asked to end is an orderly end: what is open is closed on the way out, the database left to the others
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        assemble()()
    except ProductError as error:
        for part in ("what", "where", "remedy"):
            key = f"error.{error.code}.{part}"
            sentence = translate(key, "en", **error.parameters)
            if sentence != key:
                print(f"{'error: ' if part == 'what' else '       '}{sentence}", file=sys.stderr)
        print(f"       [{error.code}]", file=sys.stderr)
        raise SystemExit(1) from error
