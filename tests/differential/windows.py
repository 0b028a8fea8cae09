"""The origin of flattened Windows events, enough to bring public rules and public events together."""

from collections.abc import Mapping

from core.event import Value
from detection.sigma.logsource import Key, Origin

SYSMON = {
    1: "process_creation",
    2: "file_change",
    3: "network_connection",
    5: "process_termination",
    6: "driver_load",
    7: "image_load",
    8: "create_remote_thread",
    9: "raw_access_thread",
    10: "process_access",
    11: "file_event",
    12: "registry_add",
    13: "registry_set",
    14: "registry_rename",
    15: "create_stream_hash",
    17: "pipe_created",
    18: "pipe_created",
    19: "wmi_event",
    20: "wmi_event",
    21: "wmi_event",
    22: "dns_query",
    23: "file_delete",
    25: "process_tampering",
}
CHANNELS = {
    "security": "security",
    "system": "system",
    "application": "application",
    "windows powershell": "powershell-classic",
    "microsoft-windows-sysmon/operational": "sysmon",
    "microsoft-windows-powershell/operational": "powershell",
    "microsoft-windows-wmi-activity/operational": "wmi",
    "microsoft-windows-windows defender/operational": "windefend",
    "microsoft-windows-taskscheduler/operational": "taskscheduler",
    "microsoft-windows-bits-client/operational": "bits-client",
}


def key_of(fields: Mapping[str, Value]) -> Key:
    return fields.get("Channel"), fields.get("EventID")


def origin_of(key: Key) -> Origin:
    channel, number = str(key[0]).lower(), int(str(key[1] or 0))
    service = CHANNELS.get(channel)
    categories = set()
    if service == "sysmon" and number in SYSMON:
        categories.add(SYSMON[number])
        if number in (12, 13, 14):
            categories.add("registry_event")
    if service == "powershell" and number == 4104:
        categories.add("ps_script")
    if service == "powershell" and number == 4103:
        categories.add("ps_module")
    return Origin(frozenset({"windows"}), frozenset(categories), frozenset({service} if service else ()))
