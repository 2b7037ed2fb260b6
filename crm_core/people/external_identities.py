"""Which person of the roster an identity at a provider belongs to."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_core.foundation.errors import Unauthenticated
from crm_core.people.authentication import require_employed
from crm_core.people.single_sign_on import Identity
from crm_core.people.tables import ExternalIdentity, Person


class IdentityUnknown(Unauthenticated):
    code = "oidc_identity_unknown"


def person_behind(session: Session, identity: Identity) -> Person:
    """The person linked to an identity; at the first log-in they are linked by the verified e-mail address.

    An address alone never replaces a link: a provider may give the address of one who left to somebody new.
    Raises IdentityUnknown, or AccountClosed for somebody who has left.
    """
    linked = session.scalar(
        select(ExternalIdentity.person_id).where(
            ExternalIdentity.issuer == identity.issuer, ExternalIdentity.subject == identity.subject
        )
    )
    if linked is not None:
        return require_employed(session, linked)
    person = None
    if identity.verified_email:
        person = session.scalar(select(Person).where(func.lower(Person.email) == identity.verified_email))
    if person is None or _is_linked(session, person, identity.issuer):
        raise IdentityUnknown()
    require_employed(session, person.id)
    session.add(ExternalIdentity(person_id=person.id, issuer=identity.issuer, subject=identity.subject))
    session.flush()
    return person


def _is_linked(session: Session, person: Person, issuer: str) -> bool:
    links = select(ExternalIdentity.id).where(
        ExternalIdentity.person_id == person.id, ExternalIdentity.issuer == issuer
    )
    return session.scalar(links.limit(1)) is not None
