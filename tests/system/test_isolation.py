"""A kind whose code harms harms itself alone: what it is applied to is parked, what it is asked is answered with an error,
each with its place in the code, and all that is other people's goes on."""

import json
import re
import shutil
import threading

import pytest

from client import eventually, record
from conftest import SOURCE, while_running
from outage import metric

KIND = """titles: {pt: Nocivo, en: Harmful}
key: id
cache: {fields: [id, harm], ttl: 0s}
labels: {id: {pt: Nome, en: Name}, harm: {pt: Dano, en: Harm}}
views:
  order: ordered
  queries:
    harm:
      title: {pt: Dano, en: Harm}
      parameters: {harm: {type: text, required: true, max: 32}}
"""
SCHEMA = {"$schema": "http://json-schema.org/draft-04/schema#", "title": "Harmful", "type": "object",
          "additionalProperties": False, "required": ["id", "harm"],
          "properties": {"id": {"title": "Name", "type": "string", "minLength": 1},
                         "harm": {"title": "Harm", "type": "string", "minLength": 1}}}
# The harm that is done is on the line that names it.
VIEWS = """local harms = {}
function harms.loops() while true do end end -- loops
function harms.loops_beside() while true do pcall(error, "again") end end -- loops_beside
function harms.catches() while true do pcall(function() while true do end end) end end -- catches
function harms.fills() local all = {} while true do all[#all + 1] = {#all} end end -- fills
function harms.joins() local text = "x" while true do text = text .. text end end -- joins
function harms.repeats() return #string.rep("x", 1024 * 1024 * 1024) end -- repeats
function harms.repeats_nothing() return #string.rep("", 1e15) + error("done") end -- repeats_nothing
function harms.recurses() return 1 + harms.recurses() end -- recurses
function harms.matches() return string.find(string.rep("a", 5000), ".-.-.-.-b") end -- matches
function harms.methods() return (string.rep("a", 5000)):match(".-.-.-.-b") end -- methods
function harms.inserts() table.insert({}, -1e9, 1) end -- inserts
function harms.copies() local text = string.rep("x", 8e6) while true do text:upper() end end -- copies
function harms.reads() local n = 0 while true do n = n + 1; db.get("n" .. n) end end -- reads
function harms.writes() while true do db.append("list", string.rep("x", 1000), {keep = 1000}) end end -- writes
function harms.repeats_itself() return string.find("", string.rep("a*", 1e6)) end -- repeats_itself
function harms.unpacks() return unpack({}, 0, 2147483647) end -- unpacks
function harms.doubles() local t = "x" for _ = 1, 60 do t = {t, t} end db.set("doubled", t) end -- doubles
function harms.searches_on() while true do string.find(string.rep("a", 1400), ".-.-b") end end -- searches_on
function harms.sorts() local t, s = {}, {string.rep("x", 5e6) .. "a", string.rep("x", 5e6) .. "b"}
  for i = 1, 2e5 do t[i] = s[i % 2 + 1] end table.sort(t) end -- sorts
function harms.copies_out() local s = string.rep("x", 1e6) for i = 1, 300 do db.set("n" .. i, s) end end -- copies_out
function harms.reaches_out() return os.time() end -- reaches_out

local function apply(record) harms[record.fields.harm](); db.increment("done", 1) end
local function harm(arguments) return {harm = tostring(harms[arguments.harm]()), done = db.get("done")} end

return {apply = apply, queries = {harm = harm}}
"""
HARMS = re.findall(r"-- (\w+)$", VIEWS, re.MULTILINE)
CACHE_GROWS_KB = 24 * 1024


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("isolation") / "kinds"
    shutil.copytree(SOURCE / "kinds", folder)
    (folder / "harmful").mkdir()
    for name, text in {"kind.yaml": KIND, "schema.json": json.dumps(SCHEMA), "views.lua": VIEWS}.items():
        (folder / "harmful" / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def comporta(make_stack, kinds):
    yield from while_running(make_stack(settings={"COMPORTA_KINDS": str(kinds)}))


def place_of(harm):
    line, = [number for number, text in enumerate(VIEWS.splitlines(), 1) if text.endswith(f"-- {harm}")]
    return f"harmful/views.lua:{line}: "


def resident_kb(comporta):
    pid = comporta.stack.processes["cache"].pid
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))


def upload(comporta, kind, one):
    answer = comporta.connect().upload([one], kind=kind)
    assert answer.status == 202, answer
    return answer.json()["batches"][0]


def state_of(comporta, batch):
    answer = comporta.get(f"/api/v1/batches/{batch}")
    return answer.json() if answer.status == 200 else {"state": "pending"}


def ended(comporta, batch):
    return eventually(lambda: (state := state_of(comporta, batch))["state"] != "pending" and state, f"{batch} has ended")


class Others:
    """Who go on with another kind while `with` lasts: they upload, read what they have sent, and ask views."""

    def __init__(self, comporta):
        self.comporta, self.stopped, self.rounds, self.faults = comporta, threading.Event(), 0, []
        self.thread = threading.Thread(target=self.go_on)

    def go_on(self):
        connection = self.comporta.connect()
        try:
            while not self.stopped.is_set():
                answer = connection.upload([record(f"other-{self.rounds}")])
                assert answer.status == 202, answer
                connection.view("transaction/flags")
                self.comporta.wait_settled(answer.json()["batches"])
                self.rounds += 1
        except Exception as fault:  # handed to the test's own thread
            self.faults.append(fault)

    def come_further(self):
        before = self.rounds
        eventually(lambda: self.rounds > before or self.faults, "they go on")

    def __enter__(self):
        self.thread.start()
        self.come_further()
        return self

    def __exit__(self, *_):
        self.come_further()
        self.stopped.set()
        self.thread.join()
        assert not self.faults


@pytest.mark.parametrize("harm", HARMS)
def test_what_it_is_applied_to_is_parked_and_the_others_go_on(comporta, harm):
    with Others(comporta):
        harmful = ended(comporta, upload(comporta, "harmful", {"id": f"a-{harm}", "harm": harm}))
    assert harmful["state"] == "parked", harmful
    reason = harmful["parked"][0]["reason"]
    assert reason.startswith("views: record 0: ") and place_of(harm) in reason, reason
    ours = ended(comporta, upload(comporta, "transaction", record(f"behind-{harm}")))
    assert ours["state"] == "applied"
    assert comporta.stack.processes["cache"].running


@pytest.mark.parametrize("harm", HARMS)
def test_what_it_is_asked_is_an_error_and_the_others_go_on(comporta, harm):
    with Others(comporta):
        answer = comporta.get(f"/api/v1/views/harmful/harm?harm={harm}")
    assert answer.status == 500, answer
    assert comporta.stack.processes["cache"].running


def test_the_memory_comes_back(comporta):
    upload(comporta, "transaction", record("before"))
    comporta.settle()
    before = resident_kb(comporta)
    for harm in ("fills", "joins", "repeats", "writes"):
        ended(comporta, upload(comporta, "harmful", {"id": f"m-{harm}", "harm": harm}))
        comporta.get(f"/api/v1/views/harmful/harm?harm={harm}")
    comporta.settle()
    eventually(lambda: resident_kb(comporta) < before + CACHE_GROWS_KB,
               lambda: f"{before} kB before, {resident_kb(comporta)} kB now")


def budget_used(comporta, kind, of, at_most):
    """How often its views took no more than that share of their budget, and how often they ran at all."""
    text = comporta.private_get("cache", "/metrics")[1]
    line = re.escape(f'comporta_views_budget_ratio_bucket{{kind="{kind}",of="{of}",le="') + "%s" + re.escape('"}')
    return [int(re.search(f"^{line % bound} (\\d+)$", text, re.MULTILINE)[1]) for bound in (at_most, r"\+Inf")]


def test_how_much_of_its_budget_a_kind_uses_is_told(comporta):
    for of in ("part", "query"):
        little, all_of_it = budget_used(comporta, "harmful", of, "0.75")
        assert all_of_it >= len(HARMS) and little < all_of_it, of
    for city in "AB":  # of two that say the same, views are asked nothing
        ended(comporta, upload(comporta, "transaction", record("moved", endereco=f"Cidade {city}, Estado A, 1000")))
    little, all_of_it = budget_used(comporta, "transaction", "part", "0.01")
    assert little == all_of_it > 0


def test_nothing_of_it_was_applied(comporta):
    assert comporta.redis.keys("comporta:view:harmful:value:*") == []
    assert comporta.redis.keys("comporta:record:harmful:*") == []
    assert metric(comporta, "cache", "parts_failed_total") >= len(HARMS)
