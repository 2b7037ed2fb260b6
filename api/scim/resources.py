"""What the roster tells an identity provider: users are people, groups are teams.

Only what the roster really keeps is declared, so that the published schemas promise nothing more; whatever else a
provider sends is read over.
"""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    Returned,
    Uniqueness,
)

USER_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ROSTER_URN = "urn:salesdojo:params:scim:schemas:extension:roster:2.0:User"


class EmailAddress(ComplexAttribute):
    """The one address at work."""

    value: str | None = Field(None, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")
    type: str | None = Field(None, examples=["work"])
    primary: Annotated[bool | None, Mutability.read_only, Returned.request] = None


class Phone(ComplexAttribute):
    """The one mobile number."""

    value: str | None = Field(None, max_length=40)
    type: str | None = Field(None, examples=["mobile"])
    primary: Annotated[bool | None, Mutability.read_only, Returned.request] = None


class UserRole(ComplexAttribute):
    """One position: rep, presales, delivery, finance, trainer, manager, director, operations, admin."""

    value: str | None = Field(None, examples=["rep", "presales", "delivery", "finance", "trainer"])
    primary: Annotated[bool | None, Mutability.read_only, Returned.request] = None


class UserGroup(ComplexAttribute):
    """A team that the user belongs to."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None


class User(Resource[AnyExtension]):
    """Somebody on the roster."""

    __schema__ = URN(USER_URN)

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = Field(None, max_length=200)
    display_name: Annotated[str | None, Required.true] = Field(None, max_length=80)
    active: Annotated[bool | None, Required.true] = None
    emails: list[EmailAddress] | None = None
    phone_numbers: list[Phone] | None = None
    roles: Annotated[list[UserRole] | None, Required.true] = None
    groups: Annotated[list[UserGroup] | None, Mutability.read_only] = None


class Manager(ComplexAttribute):
    """Whom the user answers to."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Reference["User"] | None = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display_name: Annotated[str | None, Mutability.read_only, Returned.request] = None


class EnterpriseUser(Extension):
    """The standard extension: employee number, manager, and the team as the department."""

    __schema__ = URN(ENTERPRISE_URN)

    employee_number: str | None = Field(None, max_length=40)
    department: str | None = Field(None, max_length=80)
    manager: Manager | None = None


class RosterUser(Extension):
    """What selling needs beside: region, skills, languages, WeCom account, limit of open leads."""

    __schema__ = URN(ROSTER_URN)

    #: code or name of a region
    region: str | None = Field(None, max_length=80)
    skills: list[str] | None = None
    languages: list[str] | None = Field(None, examples=["zh", "en"])
    wecom_id: str | None = Field(None, max_length=80)
    open_leads_limit: int | None = Field(None, ge=0, le=2**31 - 1)


class Member(ComplexAttribute):
    """Somebody in a team."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A team and who is in it today."""

    __schema__ = URN(GROUP_URN)

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = Field(None, max_length=80)
    members: list[Member] | None = None


FullUser = User[EnterpriseUser | RosterUser]
