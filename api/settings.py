"""Settings of the web server, which carries the API and the console on one port."""

import ipaddress

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError


class WebSettings(BaseModel):
    """Where the web server listens and under which names it answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(
        "127.0.0.1",
        description="Address to listen on; 0.0.0.0 for the network (then name `allowed_hosts` too).",
        json_schema_extra={"vi": "Địa chỉ nghe; 0.0.0.0 để mở ra mạng (khi đó cần khai báo thêm `allowed_hosts`)."},
    )
    port: int = Field(
        8480,
        ge=1,
        le=65535,
        description="Port of pages and API.",
        json_schema_extra={"vi": "Cổng của trang web và API."},
    )
    allowed_hosts: list[str] = Field(
        [],
        description="Names and addresses under which browsers and scripts may call; loopback and `host` always may.",
        json_schema_extra={
            "vi": "Tên và địa chỉ mà trình duyệt, chương trình được dùng để gọi; loopback và `host` luôn được phép."
        },
    )
    secure_cookie: bool = Field(
        False,
        description="Send the session cookie over HTTPS only; set it behind a proxy that speaks HTTPS.",
        json_schema_extra={"vi": "Chỉ gửi cookie phiên qua HTTPS; bật khi đặt sau một proxy HTTPS."},
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _names_without_ports(cls, value: list[str]) -> list[str]:
        for name in value:
            if not name or any(letter in name for letter in "/@ ") or (":" in name and not _is_address(name)):
                raise PydanticCustomError("host_name", "no name or address: {name}", {"name": name})
        return [name.lower() for name in value]

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the pages."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 (compared, not bound)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def public_url(self) -> str:
        """Where the staff find the pages: the first of `allowed_hosts`, over HTTPS where cookies are for HTTPS only."""
        if not self.allowed_hosts:
            return self.url
        name = self.allowed_hosts[0]
        name = f"[{name}]" if ":" in name else name
        return f"https://{name}" if self.secure_cookie else f"http://{name}:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """Every name that may stand in a Host header, besides loopback."""
        return frozenset({*self.allowed_hosts, self.host.lower()})


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
