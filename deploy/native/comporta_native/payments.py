"""The fake provider of payments (tests/provider), beside a stack: for a demonstration, and for tests that pay."""

import contextlib
from pathlib import Path

from .part import HOST, Part, Secrets, http_ok, program

API, PAGE = "COMPORTA_PAYMENT_PORT", "COMPORTA_PAYMENT_PAGE_PORT"
HOOK = "/api/v1/hooks/payment-notice"


def _folder(directory, settings, source):
    """With the provider's secrets, its certificates, and those secrets that other providers are sent."""
    folder = directory / "payments"
    secrets = Secrets(folder)
    for name in ("payment_token", "payment_webhook"):
        secrets.path(name)
    for file in Path(settings.get("COMPORTA_SECRETS_DIR") or source / "secrets").glob("*"):
        with contextlib.suppress(FileExistsError):
            (folder / file.name).symlink_to(file.resolve())
    return folder


def payments(source, directory, ports, settings):
    """(what the daemons' settings become, the provider). They may name a way to it of their own."""
    folder = _folder(directory, settings, source)
    programs = source / "tests" / "provider"
    hosts = [settings.get("COMPORTA_LOOKUPS_PRIVATE_HOSTS", ""), "localhost"]
    asking = {"COMPORTA_PAYMENT_HOST": settings.get("COMPORTA_PAYMENT_HOST") or f"localhost:{ports[API]}",
              "COMPORTA_SECRETS_DIR": str(folder),
              "COMPORTA_LOOKUPS_PRIVATE_HOSTS": ",".join(filter(None, hosts)),
              "COMPORTA_LOOKUPS_CA_FILE": str(folder / "authority.pem")}
    serve = [program("python3"), str(programs / "serve"), str(folder), f"http://{HOST}:{ports['COMPORTA_PORT']}{HOOK}",
             str(ports[API]), str(ports[PAGE])]
    return {**settings, **asking}, Part(
        name="payments", command=serve, ports={API: ports[API], PAGE: ports[PAGE]},
        ready=lambda: http_ok(ports[PAGE], "/"), inputs=sorted(programs.rglob("*.py")))
