"""Tokens get another key while people work, and nobody notices."""

import json
import threading
from collections import Counter

import jwt

from client import eventually
from members import UPLOADS
from operator_tool import run_tool

PEOPLE = 4
ROUNDS = 3  # that each of them is done with before, between and after rotations


class Worker(threading.Thread):
    """Asks each daemon with the token of their last refresh, again and again."""

    def __init__(self, members, person):
        super().__init__()
        self.members, self.person = members, person
        self.seen, self.keys, self.rounds, self.over = Counter(), set(), 0, threading.Event()

    def run(self):
        while not self.over.is_set():
            self.work()
            self.rounds += 1

    def note(self, what, answer):
        self.seen[what, answer.status] += 1
        return answer

    def work(self):
        members, person = self.members, self.person
        answer = self.note("refresh", person.refresh())
        if answer.status == 200:
            person.session = answer.json()
        self.keys.add(jwt.get_unverified_header(person.token)["kid"])
        self.note("me", person.me())
        self.note("upload", members.ask("POST", UPLOADS("note"), {"id": person.key, "text": "x"}, token=person.token))
        self.note("second gateway", members.ask("POST", UPLOADS("note"), {"id": f"{person.key}-2", "text": "x"},
                                                token=person.token, gateway=2))
        # Of the objects of others nobody learns but that they may not.
        self.note("objects", members.ask("GET", "/api/v1/objects/note", token=person.token))


def test_while_keys_rotate_no_request_fails_and_nobody_is_logged_out(members):
    workers = [Worker(members, members.person("worker").log_in()) for _ in range(PEOPLE)]
    kept = [worker.person.token for worker in workers]  # as of tabs that do not refresh meanwhile

    def all_have_worked():
        rounds = [worker.rounds + ROUNDS for worker in workers]
        eventually(lambda: all(worker.rounds >= least or not worker.is_alive() for worker, least in zip(workers, rounds)),
                   "everybody works on")

    for worker in workers:
        worker.start()
    try:
        all_have_worked()
        for rotation in range(2):
            run_tool(members.stack, "tokens", "rotate")
            newest = json.loads(members.stack.secrets.path("token_keys.json").read_text())["keys"][0]["kid"]
            # The cache looks at its file once a second.
            eventually(lambda: all(newest in worker.keys or not worker.is_alive() for worker in workers),
                       "everybody gets tokens of the new key")
            if rotation == 0:
                assert {members.ask("GET", "/api/v1/me", token=token).status for token in kept} == {200}
            all_have_worked()
    finally:
        for worker in workers:
            worker.over.set()
            worker.join()
    seen = sum((worker.seen for worker in workers), Counter())
    assert {what: status for what, status in seen} == {"refresh": 200, "me": 200, "upload": 202,
                                                       "second gateway": 202, "objects": 403}
    assert len(seen) == 5 and len(set.union(*(worker.keys for worker in workers))) == 3
    # Two keys later a token of the first one is over, and its session is not.
    assert {members.ask("GET", "/api/v1/me", token=token).status for token in kept} == {401}
    assert {worker.person.refresh().status for worker in workers} == {200}
