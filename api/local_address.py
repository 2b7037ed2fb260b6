"""Where this machine itself finds the running server."""

from crm_core.foundation.settings import Settings

#: addresses that mean "listen everywhere", and where to knock then
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


def local_host(settings: Settings) -> str:
    return _EVERYWHERE.get(settings.host, settings.host)


def local_address(settings: Settings) -> str:
    host = local_host(settings)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
