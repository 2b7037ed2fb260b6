"""What a client can find out about this service: its abilities, its resource types, its schemas."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Meta,
    Patch,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
)

from api.scim.resources import ROSTER_URN, EnterpriseUser, FullUser, Group, RosterUser, User

#: no page holds more
LARGEST_PAGE = 200


def service_provider_config(base: str) -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=LARGEST_PAGE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="API token",
                description="A token of somebody who keeps the roster, with the scope scim.",
                primary=True,
            )
        ],
        meta=Meta(resource_type="ServiceProviderConfig", location=f"{base}/ServiceProviderConfig"),
    )


def resource_types(base: str) -> Mapping[str, ResourceType]:
    """By id: User and Group."""
    found = {}
    for model in (FullUser, Group):
        described = ResourceType.from_resource(model)
        described.meta = Meta(resource_type="ResourceType", location=f"{base}/ResourceTypes/{described.id}")
        found[str(described.id)] = described
    return found


def schemas(base: str, region_codes: Sequence[str]) -> Mapping[str, Schema]:
    """By URN; the values that a region may have are those of the roster."""
    found = {}
    for model in (User, Group, EnterpriseUser, RosterUser):
        schema: Any = model.to_schema()
        schema.meta = Meta(resource_type="Schema", location=f"{base}/Schemas/{schema.id}")
        found[str(schema.id)] = schema
    for attribute in found[ROSTER_URN].attributes or ():
        if attribute.name == "region":
            attribute.canonical_values = list(region_codes) or None
    return found
