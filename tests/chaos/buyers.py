"""Buyers log in when they have to, and notice when a session ends that should not."""

import json
import time

from asking import in_time

SESSIONS = "/api/v1/sessions"
REFRESH_SECONDS = 20  # long before a token ends, so that sessions have to stand what happens
JSON = {"Content-Type": "application/json"}


class Buyer:
    """An account and its session. Of one thread at a time. `as_admin` gives headers."""

    def __init__(self, asker, login, as_admin):
        self.login, self.passwords = login, []
        self.key = None  # of the account, known since the first login
        self._asker, self._as_admin = asker, as_admin
        self._session, self._since, self._opened_with, self._is_in_doubt = None, 0, None, False
        self._new_password = ""  # of a change that has perhaps been taken
        self._change = None  # where to ask what became of the last one that was

    def is_changing(self, password):
        """An upload is about to be sent. `password`: empty if it stays as it is."""
        self._new_password = password

    def has_changed(self, status):
        """It was taken."""
        self._change = status
        if self._new_password:
            self.passwords.append(self._new_password)
            self._new_password = ""

    def headers(self):
        if self._session is None:
            self.log_in()
        elif time.monotonic() - self._since > REFRESH_SECONDS:
            self._refresh()
        return {"Authorization": f"Bearer {self._session['access_token']}"}

    def find_key(self):
        if self.key is None:
            self.log_in()
        return self.key

    def distrust(self):
        """The token was not believed, as its key is not known any more."""
        self._since = float("-inf")

    def log_in(self):
        """With the last password, once the service has applied it."""
        if self._change:
            in_time(self._is_decided, f"what became of {self._change}")
        self._opened_with, answer = in_time(self._try_them, f"a login of {self.login}")
        self._take(answer)

    def can_log_in(self, password):
        return self._try(password, {200, 401}).status == 200

    def read_name(self):
        """What the account says its owner is called."""
        return self._asker.until({200}, "GET", "/api/v1/me", None, self.headers()).json()["record"]["name"]

    def _try_them(self):
        """The password that holds, and the answer. While a change is under way both are tried."""
        if not self._new_password:
            return self.passwords[-1], self._try(self.passwords[-1], {200})
        tried = ((password, self._try(password, {200, 401})) for password in (self.passwords[-1], self._new_password))
        return next(((password, answer) for password, answer in tried if answer.status == 200), None)

    def _is_decided(self):
        answer = self._asker.until({200}, "GET", self._change, None, {**self._as_admin(), "Prefer": "wait=10"})
        return answer.json()["state"] != "pending"

    def _try(self, password, fine):
        body = json.dumps({"kind": "client", "login": self.login, "password": password})
        return self._asker.until(fine, "POST", SESSIONS, body, JSON)

    def _refresh(self):
        """Tried once: if nobody answers the token is good for some minutes."""
        body = json.dumps({"refresh_token": self._session["refresh_token"]})
        answer = self._asker.once({200, 401}, "POST", f"{SESSIONS}/refresh", body, JSON)
        if answer is None:
            self._is_in_doubt = True  # if it was done, and is repeated too late, it looks like theft
        elif answer.status == 200:
            self._take(answer)
        else:
            assert self._may_be_over(), f"the session of {self.login} is over, and nobody ended it"
            self.log_in()

    def _may_be_over(self):
        return self._is_in_doubt or self._new_password or self._opened_with != self.passwords[-1]

    def _take(self, answer):
        session = answer.json()
        key = session["account"]["key"]
        assert self.key in (None, key), f"{self.login} was account {self.key}, and is {key}"
        self.key, self._session, self._since, self._is_in_doubt = key, session, time.monotonic(), False
