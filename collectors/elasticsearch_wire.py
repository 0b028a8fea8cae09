"""What our two ends of Elasticsearch's wire, the bulk door and the reading, say and read alike. Pure.

Source: Elasticsearch 8.19 reference (info API); product check and media types of its clients:
https://www.elastic.co/docs/reference/elasticsearch/clients
"""

import re
import zlib
from collections.abc import Mapping
from typing import Any

PRODUCT = {"x-elastic-product": "Elasticsearch"}
CHALLENGE = 'Basic realm="canh", ApiKey'
NO_SHARD = "no_shard_available_action_exception"
"""What an answer that must wait is called."""
LICENCE = {"status": "active", "uid": "canh", "type": "basic", "mode": "basic"}

_COMPATIBLE = re.compile(r"compatible-with=\s*([789])")


class NotUnpacked(Exception):
    """A body that is no gzip, or one cut off; `too_large`: it unpacks to more than is taken."""

    def __init__(self, reason: str, *, too_large: bool = False) -> None:
        super().__init__(reason)
        self.too_large = too_large


def info(version: str) -> dict[str, Any]:
    """The answer to `GET /`."""
    return {
        "name": "canh",
        "cluster_name": "canh",
        "cluster_uuid": "canh",
        "version": {
            "number": version,
            "build_flavor": "default",
            "build_type": "docker",
            "build_hash": "0" * 40,
            "build_date": "2026-01-01T00:00:00Z",
            "build_snapshot": False,
            "lucene_version": "9.12.0",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    }


def error_of(status: int, kind: str, reason: str) -> dict[str, Any]:
    """The body of a refusal; `kind` is the type that Elasticsearch gives such an error."""
    cause = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [cause], **cause}, "status": status}


def content_type(headers: Mapping[str, str]) -> str:
    """The type that the client asks for: its clients of version 8 and 9 take none but their own."""
    asked = _COMPATIBLE.search(headers.get("accept", "")) or _COMPATIBLE.search(headers.get("content-type", ""))
    return f"application/vnd.elasticsearch+json;compatible-with={asked[1]}" if asked else "application/json"


def unpack(body: bytes, most: int) -> bytes:
    """A gzip body of at most `most` bytes. Raises `NotUnpacked`."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacking.decompress(body, most + 1)
    except zlib.error:
        raise NotUnpacked("the body is not gzip") from None
    if len(unpacked) > most:
        raise NotUnpacked(f"a body has {most} bytes at most", too_large=True)
    if not unpacking.eof:
        raise NotUnpacked("the gzip body is cut off")
    return unpacked
