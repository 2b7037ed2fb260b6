"""`dojo demo`: the whole product with an invented company in it."""

import json
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

#: who is shown first; every other log-in of the company has the same password
SHOWN = (
    ("newrep", "新销售 new rep"),
    ("rep", "销售 rep"),
    ("manager", "主管 manager"),
    ("trainer", "培训 trainer"),
)
_LOG_INS = "demo-logins.json"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    scale: Annotated[float, typer.Option(min=0.01, help="1 is 49 reps and about 3,600 leads.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Another seed is another company.")] = None,
    load_only: Annotated[bool, typer.Option("--load-only", help="Fill the database and stop.")] = False,
) -> None:
    """Fill a demo company (once), print its log-ins, and run the product. Ctrl-C stops it."""
    from api.cli.running import open_command
    from api.cli.up import up
    from api.demo.company import DEFAULT_SEED
    from api.demo.loading.load import load_demo_company
    from crm_core.foundation.settings import Settings, default_data_folder

    # apart from real data, unless somebody says where
    if Settings().uses_embedded_database:
        os.environ.setdefault("SALESDOJO_DATA_FOLDER", str(default_data_folder() / "demo"))
    settings = Settings()
    with open_command(settings) as resources:
        password = _password(settings.data_folder)
        print("演示公司准备中，首次约一分钟… Filling the demo company; a minute the first time.", flush=True)
        report = load_demo_company(resources, password=password, scale=scale, seed=seed or DEFAULT_SEED)
    _keep(settings.data_folder, password, report.login_names)
    print(f"{report.customers} 位客户 customers · {report.people} 人 people")
    for name, who in SHOWN:
        print(f"  {who:18} 账号 log-in: {name:10} 密码 password: {password}")
    others = sorted(set(report.login_names) - {name for name, _ in SHOWN})
    print(f"  其他 others: {', '.join(others)}", flush=True)
    if not load_only:
        up()


def _password(data_folder: Path) -> str:
    """Made up once an installation, so that no repository holds it."""
    kept = data_folder / _LOG_INS
    if kept.is_file():
        return str(json.loads(kept.read_text(encoding="utf-8"))["password"])
    return secrets.token_urlsafe(9)


def _keep(data_folder: Path, password: str, login_names: tuple[str, ...]) -> None:
    kept = data_folder / _LOG_INS
    kept.touch(mode=0o600)
    kept.write_text(json.dumps({"password": password, "login_names": login_names}, indent=1), encoding="utf-8")
