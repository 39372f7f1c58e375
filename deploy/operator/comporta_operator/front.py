"""The front door, asked as an admin."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

from .settings import OperatorError
from .token_keys import Credentials

PATIENCE_SECONDS = 30  # with a service that is not there at the moment
OUTCOME_SECONDS = 60
LONGEST_WAIT = 10  # that an answer is held back for, as it is preferred


def _told(answer):
    """What a problem says, in one line."""
    try:
        problem = json.loads(answer)
        faults = [f"{fault.get('pointer', '')} {fault['detail']}" for fault in problem.get("errors", [])]
        return "; ".join([problem.get("detail") or problem["title"], *faults])
    except (ValueError, KeyError, TypeError, AttributeError):
        return repr(answer[:200])


class Front:
    """One thread. Every failure is an OperatorError that says what was asked."""

    def __init__(self, settings):
        self._url, self._credentials = settings.url, Credentials(settings)

    def _once(self, method, path, record, headers):
        body = None if record is None else json.dumps(record).encode()
        headers = {"Content-Type": "application/json", **self._credentials.headers(), **headers}
        request = urllib.request.Request(f"{self._url}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError as error:
            raise OperatorError(f"nothing answers at {self._url}: {getattr(error, 'reason', error)}") from error

    def ask(self, method, path, record=None, **headers):
        """The answer's JSON."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, answer = self._once(method, path, record, headers)
            if 200 <= status < 300:
                return json.loads(answer)
            if status not in (429, 503) or time.monotonic() > deadline:
                raise OperatorError(f"{method} {path.partition('?')[0]} is answered {status}: {_told(answer)}")
            time.sleep(1)

    def pages(self, path, member):
        """The entries of every page of a query that lists."""
        cursor = {}
        while True:
            page = self.ask("GET", f"{path}?{urllib.parse.urlencode({'limit': 100, **cursor})}")
            yield from page[member]
            if not page.get("cursor"):
                return
            cursor = {"cursor": page["cursor"]}

    def put(self, kind, key, record):
        """Raises OperatorError unless the record is applied, or not yet known to be: then it returns False."""
        receipt = self.ask("PUT", f"/api/v1/records/{kind}/{urllib.parse.quote(key, safe='')}", record)
        outcome = self._outcome(receipt)
        if outcome["state"] in ("applied", "pending"):
            return outcome["state"] == "applied"
        reasons = [one.get("reason") for one in outcome.get("records", []) if one.get("reason")]
        raise OperatorError(f"it was not applied ({outcome['state']}): {'; '.join(reasons) or 'no reason is given'}")

    def _outcome(self, receipt):
        batches = urllib.parse.urlencode([("batch", batch) for batch in receipt["batches"]])
        deadline = time.monotonic() + OUTCOME_SECONDS
        while True:
            began = time.monotonic()
            outcome = self.ask("GET", f"/api/v1/uploads/{receipt['upload']}?{batches}", Prefer=f"wait={LONGEST_WAIT}")
            if outcome["state"] != "pending" or time.monotonic() > deadline:
                return outcome
            time.sleep(max(0.0, 0.2 - (time.monotonic() - began)))
