"""API keys, and the service's own secrets."""

from __future__ import annotations

import hashlib
import re

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from stored import together

from service.storage import Keys, Secrets
from service.storage.tables import KeyRow


def test_a_key_opens_until_it_is_revoked(engine: Engine) -> None:
    keys = Keys(engine)
    assert not keys.any() and keys.list() == []
    key, secret = keys.add("职称系统")
    other, _ = keys.add("second")
    assert keys.find(secret) == key and (key.name, key.revoked_at) == ("职称系统", None)
    assert keys.any() and keys.list() == [key, other]
    assert keys.revoke(key.id) and not keys.revoke(key.id) and not keys.revoke("nothing")
    assert keys.find(secret) is None
    revoked, kept = keys.list()
    assert (revoked.id, kept) == (key.id, other) and revoked.revoked_at
    assert keys.any()
    keys.revoke(other.id)
    assert not keys.any()


@pytest.mark.parametrize("wrong", ["", "rk_", "rk_" + "A" * 43, "键", "\udcff\udcfe", "a" * 100_000])
def test_other_secrets_open_nothing(engine: Engine, wrong: str) -> None:
    keys = Keys(engine)
    keys.add("one")
    assert keys.find(wrong) is None


def test_secrets_differ_and_are_long(engine: Engine) -> None:
    made = {Keys(engine).add("same name")[1] for _ in range(5)}
    assert len(made) == 5
    assert all(re.fullmatch(r"rk_[A-Za-z0-9_-]{43}", secret) for secret in made), "256 bits"


def test_the_database_has_the_digest_alone(engine: Engine) -> None:
    key, secret = Keys(engine).add("one")
    assert secret not in repr(key)
    with Session(engine) as session:
        row = session.execute(select(*KeyRow.__table__.columns)).one()
    assert hashlib.sha256(secret.encode()).hexdigest() in row
    assert not any(secret in str(value) or secret[3:] in str(value) for value in row)


def test_the_services_secrets_are_made_once(engine: Engine) -> None:
    made = together(8, lambda _: Secrets(engine).get("links"))
    assert len(set(made)) == 1 and len(made[0]) == 32
    assert Secrets(engine).get("links") == made[0] != Secrets(engine).get("other")
