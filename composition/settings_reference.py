"""The settings reference (`docs/settings.md`), made from the models so that it cannot drift."""

from composition.settings import PREFIX, reference

HEADER = """# Thiết lập / Settings

Sinh từ mã nguồn, không sửa tay: `python -m composition.settings_reference > docs/settings.md`.
Made from the code; do not edit by hand.

Tệp `canh.toml` trong thư mục dữ liệu (hoặc `--config TỆP`); biến môi trường thay thế tệp.
Khóa không có thật bị từ chối kèm gợi ý.
The file `canh.toml` in the data folder (or `--config FILE`); an environment variable overrides the file.
An unknown key is refused with a suggestion. Lists are JSON in a variable: `CANH_TAIL__PATHS='["/var/log/auth.log"]'`.

| khóa / key | biến môi trường / variable | mặc định / default | ý nghĩa / meaning |
|---|---|---|---|
"""


def render() -> str:
    """The whole page."""
    rows = []
    for key, field in reference():
        extra = field.json_schema_extra
        vietnamese = extra.get("vi", "") if isinstance(extra, dict) else ""
        variable = PREFIX + key.upper().replace(".", "__")
        default = field.get_default(call_default_factory=True)
        shown = ", ".join(str(part) for part in default) if isinstance(default, (list, tuple)) else str(default)
        rows.append(f"| `{key}` | `{variable}` | `{shown}` | {vietnamese} {field.description} |")
    return HEADER + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(render(), end="")
