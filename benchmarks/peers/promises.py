"""What Parley promises of its speed, beside what was seen in this run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .measure import Measured
from .overload import Overload


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence, the bound, and what was seen; None where it could not be."""

    says: str
    bound: float
    seen: float | None
    at_most: bool = False
    """Whether less is better."""

    @property
    def kept(self) -> bool | None:
        """Whether this run keeps it."""
        if self.seen is None:
            return None
        return self.seen <= self.bound if self.at_most else self.seen >= self.bound


def promises(results: Sequence[Measured]) -> list[Promise]:
    """Give all of them."""
    by_name = {result.contender.name: result for result in results}
    parley = by_name.get("parley")
    batch = by_name.get("parley-batch")
    half = median(parley.p99) * 1000 if parley and parley.p99 else None
    return [
        Promise("bow, to the bare Tornado callback", 0.85, _ratio(by_name, "parley", "tornado")),
        Promise("bow, to FastAPI", 1.1, _ratio(by_name, "parley", "fastapi")),
        Promise("bow, to MLServer", 2, _ratio(by_name, "parley", "mlserver")),
        Promise("bow, to LitServe", 4, _ratio(by_name, "parley", "litserve")),
        Promise("bow, to BentoML", 8, _ratio(by_name, "parley", "bentoml")),
        Promise("lstm_attention, to bow", 0.5, _ratio(by_name, "parley-lstm", "parley")),
        Promise("bow, p99 at half load, ms", 8, half, at_most=True),
        Promise("two workers, to one, client on the same cores", 1.5, _ratio(by_name, "parley-two", "parley-shared")),
        Promise("bow, 256 texts a request, texts/s", 15_000, batch.rate if batch else None),
        *_of_overload(parley.overload if parley else None),
    ]


def _of_overload(seen: Overload | None) -> list[Promise]:
    accepted = seen.accepted_p99_ms if seen else None
    health = seen.healthz_p99_ms if seen else None
    astray = float(seen.without_retry_after + seen.other_statuses + seen.failures) if seen else None
    return [
        Promise("4 x as much: p99 of accepted requests, ms", 100, accepted, at_most=True),
        Promise("4 x as much: p99 of /healthz, ms", 50, health, at_most=True),
        Promise("4 x as much: neither accepted nor 503 with Retry-After", 0, astray, at_most=True),
    ]


def _ratio(by_name: Mapping[str, Measured], name: str, other: str) -> float | None:
    measured = by_name.get(name)
    return measured.ratio_to(by_name.get(other)) if measured else None
