"""How much each way of resembling counts. The values are tuned on labelled development queries, never by hand."""

from functools import lru_cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from knowledge.retrieval.analysis import Channel

WEIGHTS_FILE = "weights.json"


class ConfidenceCurve(BaseModel):
    """Logistic curve from features of a result to the probability that something in the library fits."""

    model_config = ConfigDict(frozen=True)

    intercept: float
    coefficients: dict[str, float]
    abstain_below: float = Field(ge=0, le=1)


class SearchWeights(BaseModel):
    """Weights of the channels (texts) and facets (facts) in the sum that orders cases."""

    model_config = ConfigDict(frozen=True)

    channels: dict[Channel, float]
    meaning: float = Field(description="vectors of the text encoder, when there is one")
    stated_pain_points: float
    likely_pain_points: float
    likely_methods: float
    industry: float
    sharpness: float = Field(gt=0, description="how fast less likely labels lose weight")
    method_likelihood: float = Field(description="of a method's own likelihood beside the cases that used it")
    confidence: ConfidenceCurve


@lru_cache(maxsize=1)
def tuned_weights() -> SearchWeights:
    """Return the weights that ship with the product."""
    return SearchWeights.model_validate_json(
        resources.files("knowledge.retrieval").joinpath(WEIGHTS_FILE).read_text("utf-8")
    )
