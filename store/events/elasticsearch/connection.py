"""The way to the Elasticsearch server of the settings, and what its refusals mean."""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch

from core.errors import QuerySyntaxError, Unavailable
from core.language import Text
from core.system_error import reason_of
from store.events.elasticsearch.template import Names
from store.events.settings import StoreSettings

WITHIN_S = 30.0
BUSY = (429, 502, 503, 504)

NOT_REACHED = Text("không nối được tới Elasticsearch", "Elasticsearch cannot be reached")
TOO_SLOW = Text("Elasticsearch không trả lời trong {seconds} giây", "Elasticsearch does not answer within {seconds} s")
TOO_BUSY = Text("Elasticsearch đang quá tải (mã {status})", "Elasticsearch is overloaded (status {status})")
NOT_ALLOWED = Text(
    "Elasticsearch không cho phép: kiểm tra khóa API hoặc người dùng, và quyền của nó (mã {status})",
    "Elasticsearch does not allow it: check the API key or the user, and its rights (status {status})",
)
NOT_OURS = Text(
    "chỉ mục {index} đã có và không nhận cách xếp của Canh: {why}",
    "the index {index} is there already and does not take Canh's layout: {why}",
)
NOT_WHOLE = Text("Elasticsearch chỉ trả lời được một phần", "Elasticsearch can answer in part only")
TOO_WIDE = Text("câu truy vấn quá rộng; hãy viết cụ thể hơn", "the query is too wide; be more specific")

log = logging.getLogger("events")


class Connection:
    """One client. Thread-safe. The files with secrets are read when it is made."""

    def __init__(self, settings: StoreSettings) -> None:
        assert settings.url is not None  # noqa: S101 (the caller has looked)
        self.names = Names(settings.prefix)
        address = settings.url.removeprefix("elasticsearch+")
        secure = urlsplit(address).scheme == "https"
        how: dict[str, Any] = {}
        try:
            if settings.api_key_file is not None:
                how["api_key"] = settings.api_key_file.read_text("utf-8").strip()
            elif settings.user is not None and settings.password_file is not None:
                pair = f"{settings.user}:{settings.password_file.read_text('utf-8').strip()}"
                how["basic_auth"] = base64.b64encode(pair.encode()).decode()
        except (OSError, UnicodeError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else NOT_ALLOWED.format(status="-")
            raise Unavailable("events", reason) from error
        if secure and settings.ca_file is not None:
            how["ca_certs"] = str(settings.ca_file)
        logging.getLogger("elastic_transport").setLevel(logging.ERROR)
        self.client = Elasticsearch(
            address, request_timeout=WITHIN_S, retry_on_timeout=False, max_retries=0, http_compress=False, **how
        )

    @contextmanager
    def asking(self) -> Iterator[Elasticsearch]:
        """The client; what keeps it from answering is raised as `Unavailable`, a query it cannot run as an error of it.

        Any other refusal is an error of ours.
        """
        try:
            yield self.client
        except ConnectionTimeout as error:
            raise Unavailable("events", TOO_SLOW.format(seconds=int(WITHIN_S))) from error
        except NoConnection as error:
            raise Unavailable("events", NOT_REACHED) from error
        except ApiError as error:
            if error.status_code in BUSY:
                raise Unavailable("events", TOO_BUSY.format(status=error.status_code)) from error
            if error.status_code in (401, 403):
                raise Unavailable("events", NOT_ALLOWED.format(status=error.status_code)) from error
            if _is_too_wide(error):
                raise QuerySyntaxError(0, TOO_WIDE) from error
            raise
        except TransportError as error:
            raise Unavailable("events", NOT_REACHED) from error


def _is_too_wide(error: ApiError) -> bool:
    said = str(error.body)
    return any(word in said for word in ("too_many_clauses", "too_many_nested_clauses", "TooComplex", "too many"))
