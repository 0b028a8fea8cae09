"""The access review: every account and token, and that somebody has read them."""

from dataclasses import dataclass

from starlette.responses import Response

from console import texts
from console.door import Refused, redirect, require
from console.page import Page, Visit
from core.language import Text
from org import refused
from org.access import ROLE_NAMES
from org.access_review import AccessReview, Holder, record_review, review_access
from store import db


@dataclass(frozen=True, kw_only=True)
class AccessReviewPage(Page):
    """Those that can get in, and those that could once."""

    template = "access_review.html"

    review: AccessReview
    living: tuple[Holder, ...]
    ended: tuple[Holder, ...]
    overdue: bool
    done: bool
    wrong: Text | None

    def role(self, holder: Holder) -> Text | None:
        """The role in words; a service account has none but those of its tokens."""
        return ROLE_NAMES[holder.role] if holder.role is not None else None


def show(visit: Visit, wrong: Text | None = None) -> Page:
    """The page; `wrong`: why a review was not recorded."""
    require(visit, "access.review", "accounts")
    now = visit.desk.now()
    with db.session(visit.desk.engine, visit.actor.scope, reading=True) as session:
        review = review_access(session, visit.actor, now)
    if isinstance(review, refused.Refused):
        raise Refused(403, texts.FORBIDDEN_TITLE, review.reason)
    return AccessReviewPage(
        title=texts.REVIEW_TITLE,
        review=review,
        living=tuple(holder for holder in review.holders if holder.ended_at is None),
        ended=tuple(holder for holder in review.holders if holder.ended_at is not None),
        overdue=review.due <= now,
        done="done" in visit.request.query_params,
        wrong=wrong,
    )


def record(visit: Visit) -> Page | Response:
    """That it was read is recorded; back to the page."""
    require(visit, "access.review", "accounts")
    with db.session(visit.desk.engine, visit.actor.scope) as session:
        no = record_review(session, visit.actor, visit.form.get("version", ""), visit.desk.now())
    if no is not None:
        return show(visit, wrong=no.reason)
    return redirect("/access-review?done=1")
