"""What knowledge does in the background."""

from crm_core.foundation.database import Origin
from crm_core.foundation.jobs import periodic_job
from crm_core.foundation.observability import logger
from crm_core.foundation.resources import Resources
from knowledge.encoding import configured_encoder, encode_missing
from knowledge.sentence_transformer_encoder import EncoderUnavailable


@periodic_job("encode_cases", cron="* * * * *")
def encode_cases(resources: Resources) -> None:
    """Give every published case a vector of the text encoder in use; search answers from words until all have one."""
    encoder = configured_encoder(resources.settings)
    if encoder is None:
        return
    try:
        encoded = 1
        while encoded:
            with resources.database.transaction(Origin(channel="job")) as session:
                encoded = encode_missing(session, encoder)
    except EncoderUnavailable as absent:
        logger(__name__).warning("encoder_unavailable", model=absent.parameters["model"])
