"""Browsers in which somebody has logged in before: a guesser behind the same address must not keep them out.

The mark that such a browser keeps proves that once, with it, the right password was given. It opens nothing.
Source: OWASP, Slow Down Online Guessing Attacks with Device Cookies
"""

import hmac

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.ids import new_secret
from org.account import Account
from org.account_name import name_key
from org.actor import Actor


def browser_mark(session: Session, actor: Actor) -> str:
    """The mark for the browser in which the account that `actor` is has just logged in. It ends with the password."""
    nonce = new_secret()
    return f"{nonce}.{_proof(session.get_one(Account, actor.number), nonce)}"


def is_known_browser(session: Session, name: str, mark: str) -> bool:
    """Whether the account of this name has logged in in the browser that shows the mark. Only reads."""
    account = session.scalar(select(Account).where(Account.key == name_key(name)))
    nonce, _, proof = mark.partition(".")
    return account is not None and hmac.compare_digest(_proof(account, nonce).encode(), proof.encode())


def _proof(account: Account, nonce: str) -> str:
    """Only we know the hash of the password, salt and all; nothing about it can be learned from the proof."""
    return hmac.digest(account.password_hash.encode(), f"canh browser {nonce}".encode(), "sha256").hex()
