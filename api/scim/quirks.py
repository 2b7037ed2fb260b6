"""What identity providers send beside the letter of the standard, put into its words before it is read.

Entra: managers as bare ids, "True" for true inside paths, names in parts.
Okta: names in parts without displayName, addresses marked as primary.
"""

import re
from collections.abc import Mapping
from typing import Any

from api.scim.resources import ENTERPRISE_URN

_QUOTED_TRUTH = re.compile(r'\beq\s+"(true|false)"', re.IGNORECASE)
_MANAGER_PATHS = {f"{ENTERPRISE_URN}:manager".casefold(), "manager"}
_HAN = re.compile(r"[㐀-鿿]")


def plain_user(payload: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A whole user as the standard writes it; of what must be there and is not, what is known, or the userName."""
    plain = plain_resource(payload)
    named = {key.casefold(): value for key, value in plain.items()}
    defaults = {"displayName": named.get("username"), **known}
    missing = {key: value for key, value in defaults.items() if named.get(key.casefold()) in (None, "", [])}
    return {key: value for key, value in plain.items() if key.casefold() not in {*map(str.casefold, missing)}} | missing


def plain_resource(payload: dict[str, Any]) -> dict[str, Any]:
    """Attributes as the standard writes them; a name in parts becomes displayName where there is none."""
    plain = dict(payload)
    keys = {key.casefold(): key for key in plain}
    if "displayname" not in keys and "name" in keys and isinstance(plain[keys["name"]], Mapping):
        whole = whole_name(plain[keys["name"]])
        if whole:
            plain["displayName"] = whole
    extension = plain.get(ENTERPRISE_URN)
    if isinstance(extension, Mapping):
        plain[ENTERPRISE_URN] = {**extension, **_manager(extension)}
    return plain


def plain_patch(payload: dict[str, Any]) -> dict[str, Any]:
    """A PATCH as the standard writes it."""
    operations = next((value for key, value in payload.items() if key.casefold() == "operations"), None)
    if not isinstance(operations, list):
        return payload
    plain = [_plain_operation(one) if isinstance(one, dict) else one for one in operations]
    return {key: plain if value is operations else value for key, value in payload.items()}


def whole_name(parts: Mapping[str, Any]) -> str:
    """formatted, else family and given name in the order of their script: 曾 + 小贤 → 曾小贤."""
    known = {key.casefold(): str(value).strip() for key, value in parts.items() if value}
    if known.get("formatted"):
        return known["formatted"]
    family, given = known.get("familyname", ""), known.get("givenname", "")
    if _HAN.search(family + given):
        return family + given
    return f"{given} {family}".strip()


def _plain_operation(operation: dict[str, Any]) -> dict[str, Any]:
    plain = {key.casefold(): _without_primary(value) for key, value in operation.items()}
    path, value = plain.get("path"), plain.get("value")
    if isinstance(path, str):
        plain["path"] = _QUOTED_TRUTH.sub(lambda found: f"eq {found[1].lower()}", path)
        if path.casefold() in _MANAGER_PATHS and isinstance(value, str):
            plain["value"] = {"value": value} if value else None
            plain["path"] = f"{ENTERPRISE_URN}:manager"
        if path.casefold() == "name.formatted":
            plain["path"] = "displayName"
    elif isinstance(value, dict):
        plain["value"] = plain_resource(_with_name_in_one(value))
    return plain


def _without_primary(value: Any) -> Any:
    """Okta marks the one address as the primary one; which of several is, the roster decides."""
    if isinstance(value, list):
        return [_without_primary(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_primary(one) for key, one in value.items() if key.casefold() != "primary"}
    return value


def _with_name_in_one(value: dict[str, Any]) -> dict[str, Any]:
    """{"name.givenName": …, "name.familyName": …} → {"name": {…}}."""
    parts = {key[5:]: part for key, part in value.items() if key.casefold().startswith("name.")}
    whole = {key: part for key, part in value.items() if not key.casefold().startswith("name.")}
    return {**whole, "name": parts} if parts else whole


def _manager(extension: Mapping[str, Any]) -> dict[str, Any]:
    manager = extension.get("manager")
    return {"manager": {"value": manager} if manager else None} if isinstance(manager, str) else {}
