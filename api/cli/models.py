"""`dojo models status|pull|path`: the models that make the product better, fetched only when somebody says so."""

import os
from typing import Annotated, Literal

import typer

from api.model_status import model_capabilities
from crm_core.foundation.errors import Unavailable
from crm_core.foundation.settings import Settings

#: what `dojo models pull` fetches unless told otherwise
RECOMMENDED = {
    "speech": "Systran/faster-whisper-small",
    "text_encoder": "BAAI/bge-small-zh-v1.5",
}

Kind = Literal["speech", "text_encoder"]


class ModelUnreachable(Unavailable):
    code = "model_unreachable"


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Speech and text models: what is there, and getting them.", no_args_is_help=True)
    group.command()(status)
    group.command()(pull)
    group.command()(path)
    app.add_typer(group, name="models")


def status() -> None:
    """Say which models are there and what runs without them."""
    for capability in model_capabilities(Settings()):
        print(f"{capability.name:13} {capability.state:8} {capability.parameters['place']}")


def pull(
    kind: Annotated[Kind, typer.Argument(help="speech or text_encoder")],
    name: Annotated[str | None, typer.Option(help="Another model than the recommended one, by hub name.")] = None,
) -> None:
    """Fetch a model from the model hub into the data folder."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    chosen = name or RECOMMENDED[kind]
    target = Settings().models_folder / kind
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        snapshot_download(chosen, local_dir=target)
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as failure:
        raise ModelUnreachable(model=chosen, folder=str(target), cause=type(failure).__name__) from failure
    print(f"{chosen} is in {target}")


def path() -> None:
    """Print the folder where models are looked for; a copied folder works as well as a pulled one."""
    print(Settings().models_folder)
