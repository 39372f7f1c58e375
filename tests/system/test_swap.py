"""What a replay has built takes the place of what is live: the keys themselves."""

import pytest

from conftest import SOURCE
from test_replay_safety import HOLD


@pytest.fixture
def shadow_keys(comporta, monkeypatch):
    """The tool's own, of a prefix."""
    monkeypatch.syspath_prepend(SOURCE / "deploy" / "operator")
    for name, value in comporta.stack.operator_environment().items():
        monkeypatch.setenv(name, value)
    from comporta_operator.settings import read_settings
    from comporta_operator.shadow_keys import ShadowKeys
    return lambda built: ShadowKeys(read_settings(), built)


def test_accounts_and_outcomes_come_along_and_nobody_is_logged_out(comporta, shadow_keys):
    """Of the kind's accounts all is replaced; what is of people's sessions is not a replay's."""
    old = {f"comporta:view:member:{name}": "old" for name in ("login:ana@x", "login:bob@x", "account:a")}
    new = {f"comporta-replay:view:member:{name}": "new" for name in ("login:ana@x", "account:a", "accounts")}
    people = {"comporta-people:session:s": "kept", "comporta-people:family:f": "kept"}
    with shadow_keys("comporta-replay") as shadow:
        comporta.redis.mset({**old, **new, **people, HOLD: shadow.token})
        for prefix in ("comporta", "comporta-replay"):
            comporta.redis.hset(f"{prefix}:outcome:both", "0", prefix)
        comporta.redis.hset("comporta:outcome:live", "0", "comporta")
        shadow.swap({"member"})
    came = {key.replace("comporta-replay", "comporta"): value for key, value in new.items()}
    assert {key.decode(): comporta.redis.getdel(key).decode()
            for name in ("login", "account", "accounts")
            for key in comporta.redis.keys(f"comporta:view:member:{name}*")} == came
    assert {key: comporta.redis.getdel(key).decode() for key in people} == people
    assert comporta.redis.hget("comporta:outcome:both", "0") == b"comporta-replay"
    assert comporta.redis.hget("comporta:outcome:live", "0") == b"comporta"
    assert comporta.redis.delete("comporta:outcome:both", "comporta:outcome:live") == 2
