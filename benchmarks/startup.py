"""How soon the server is ready once its database is up, and what it weighs when idle. Goals: 3 s, 200 MB, no torch.

The peer is a bare FastAPI application with one route, in the same interpreter and under the same server.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import httpx
import psutil

from crm_core.foundation.embedded_database import EmbeddedDatabase

_ROUNDS = 5
_IDLE_SECONDS = 3.0
_HEAVY = ("torch", "sentence_transformers", "faster_whisper", "ctranslate2", "faiss", "rapidocr", "onnxruntime")
_BARE = (
    "import fastapi, uvicorn\n"
    "app = fastapi.FastAPI()\n"
    "@app.get('/ready')\n"
    "def ready() -> str: return 'ready'\n"
    "uvicorn.run(app, port={port}, log_level='error')"
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="salesdojo-startup-") as name:
        embedded = EmbeddedDatabase(Path(name))
        environment = {**os.environ, "SALESDOJO_DATA_FOLDER": name, "SALESDOJO_LOG_LEVEL": "error"}
        environment["SALESDOJO_DATABASE_URL"] = embedded.start()
        subprocess.run([sys.executable, "-m", "api", "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        for label, options in (("with screens", []), ("without screens", ["--no-screens"])):
            show(label, [measure(["-m", "api", "serve", *options], environment) for _ in range(_ROUNDS)])
        show("bare FastAPI", [measure(["-c", _BARE], environment) for _ in range(_ROUNDS)])
        embedded.stop()


def show(label: str, rounds: list[tuple[float, float, list[str]]]) -> None:
    seconds = statistics.median(one[0] for one in rounds)
    megabytes = statistics.median(one[1] for one in rounds)
    heavy = ", ".join(rounds[-1][2]) or "none"
    print(f"{label:16} ready after {seconds:5.2f} s, idle {megabytes:4.0f} MB, heavy libraries loaded: {heavy}")


def measure(arguments: list[str], environment: dict[str, str]) -> tuple[float, float, list[str]]:
    """Seconds to /ready, resident megabytes when idle, and the heavy libraries that are mapped into the process."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [word.format(port=port) for word in arguments]
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *words], env={**environment, "SALESDOJO_PORT": str(port)}) as server:
        try:
            wait_until_ready(port, server)
            seconds = time.perf_counter() - began
            time.sleep(_IDLE_SECONDS)
            process = psutil.Process(server.pid)
            mapped = {Path(region.path).as_posix() for region in process.memory_maps()}
            heavy = [name for name in _HEAVY if any(f"/{name}" in path for path in mapped)]
            return seconds, process.memory_info().rss / 1e6, heavy
        finally:
            server.terminate()


def wait_until_ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    with httpx.Client(trust_env=False) as client:
        while server.poll() is None:
            try:
                if client.get(f"http://127.0.0.1:{port}/ready", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.02)
    raise SystemExit("the server ended before it was ready")


if __name__ == "__main__":
    main()
