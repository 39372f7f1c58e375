"""Tokens of whoever a test likes, signed with the stack's own key."""

import json
import time

import jwt

SIGNED = {"OKP": "EdDSA", "oct": "HS256"}


def token(stack, principal, roles=(), lifetime=600):
    key = json.loads(stack.secrets.path("token_keys.json").read_text())["keys"][0]
    now = int(time.time())
    claims = {"iss": "comporta", "aud": "comporta", "sub": principal, "sid": "s", "roles": list(roles), "jti": "t",
              "iat": now - 3600, "nbf": now - 3600, "exp": now + lifetime}
    return jwt.encode(claims, jwt.PyJWK(key).key, SIGNED[key["kty"]], headers={"kid": key["kid"]})


def as_admin(stack):
    """The headers of an admin, who brings in what is others'. Good for an hour."""
    return {"Authorization": "Bearer " + token(stack, "system/operator", ["admin"], 3600)}


def authorization(stack, caller):
    """The headers by which a caller (access_rules.py) is known."""
    if not caller.principal:
        return {}
    lifetime = -600 if caller.expired else 600
    return {"Authorization": "Bearer " + token(stack, caller.principal, caller.roles, lifetime)}
