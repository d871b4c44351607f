"""One account: what its behaviour leans to, field by field."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from . import words
from .settings import Settings

_BEGUN: Final = datetime(2015, 1, 1, tzinfo=UTC)
_DAYS: Final = 3_900

_TELLING: Final = 0.7
"""Share of the addresses that lean to a side whose domain does too."""
_AS_NUMBER: Final = 0.9
"""Share of the numbers that come as such, and not as text."""
_CONFIRMED: Final = 0.93

SPAM: Final = "spam"
GENUINE: Final = "genuine"

# What each behaviour shows, in the parts of an account that it leans in; in all others it is like everybody.
LEANINGS: Final[Mapping[str, frozenset[str]]] = {
    "promoter": frozenset(
        {"bio", "website", "name", "confirmed", "seen", "email", "posts", "birthday", "country", "changed"}
    ),
    "filler": frozenset(
        {"bio", "website", "email", "changed", "confirmed", "country", "posts", "seen", "name", "birthday"}
    ),
    "sleeper": frozenset({"email", "name", "confirmed", "seen", "birthday", "country", "posts", "changed"}),
    "mimic": frozenset({"website", "email", "changed", "confirmed", "posts", "seen", "birthday", "country", "name"}),
    "regular": frozenset({"bio", "email", "seen", "posts", "changed", "confirmed", "birthday", "name", "country"}),
    "newcomer": frozenset({"bio", "email", "confirmed", "name", "birthday", "posts", "country", "changed", "seen"}),
    "artist": frozenset(
        {"bio", "website", "email", "changed", "posts", "seen", "confirmed", "birthday", "name", "country"}
    ),
    "lurker": frozenset({"email", "seen", "confirmed", "birthday", "country", "name", "changed", "posts"}),
}
SIDES: Final = {
    SPAM: ("promoter", "filler", "sleeper", "mimic"),
    GENUINE: ("regular", "newcomer", "artist", "lurker"),
}


class Account:
    """Makes the fields of one account."""

    def __init__(self, chance: random.Random, settings: Settings, side: str, behaviour: str) -> None:
        self._chance, self._settings, self._side = chance, settings, side
        self._leans = LEANINGS[behaviour]
        self._joined = _BEGUN + timedelta(days=chance.random() * _DAYS)

    def record(self) -> dict[str, Any]:
        """Give the account as a client would send it."""
        moments = self._moments()
        fields: dict[str, Any] = {
            "name": self._name(),
            "bio": self._bio(),
            "website": self._website(),
            "email": self._email(),
            "country": self._country(),
            "language": self._chance.choice(words.LANGUAGES),
            "posts": self._posts(),
            "birthday": self._birthday(),
            **{name: self._written(moment) for name, moment in moments.items()},
        }
        return {name: value for name, value in self._worn(fields).items() if value is not ...}

    def _shown(self, part: str) -> str | None:
        """Say which side a part of the account looks like; None: like anybody's."""
        if self._chance.random() < self._settings.noise:
            return GENUINE if self._side == SPAM else SPAM
        if part not in self._leans or self._chance.random() < self._settings.shyness:
            return None
        return self._side

    def _name(self) -> str:
        pick, shown = self._chance.choice, self._shown("name")
        if shown == SPAM:
            ware = pick(words.WARES).split()
            return pick((
                f"{''.join(ware)}{pick(words.TRADES)}",
                "".join(self._chance.choices("bcdfghjklmnpqrstvwxz", k=self._chance.randint(6, 10))),
                f"{pick(words.NOUNS)}{self._chance.randint(1_000, 99_999)}",
            ))  # fmt: skip
        if shown == GENUINE:
            return pick((
                f"{pick(words.ADJECTIVES)}_{pick(words.NOUNS)}",
                f"The {pick(words.ADJECTIVES).title()} {pick(words.NOUNS).title()}",
                f"{pick(words.NOUNS).title()} of {pick(words.HOBBIES)}",
            ))  # fmt: skip
        return f"{pick(words.ADJECTIVES)}{pick(words.NOUNS)}{pick(('', '', str(self._chance.randint(1, 99))))}"

    def _bio(self) -> str | None:
        pick, shown = self._chance.choice, self._shown("bio")
        if shown is None:
            return pick((None, "", pick(words.NEUTRAL), f"{pick(words.NEUTRAL)} {pick(words.NEUTRAL)}"))
        if shown == SPAM:
            claims = [pick(words.CLAIMS).format(pick(words.WARES)) for _ in range(self._chance.randint(1, 3))]
            link = pick(("", "", f" https://{self._host(SPAM)}/", f" www.{self._host(SPAM)}"))
            return " ".join(claims) + link
        deeds = [f"{pick(words.DEEDS)} {pick(words.HOBBIES)}." for _ in range(self._chance.randint(1, 3))]
        link = pick(("", "", "", f" My pages: https://{self._host(GENUINE)}"))
        return " ".join([*deeds, pick(("", pick(words.ASIDES)))]).strip() + link

    def _website(self) -> str | None:
        shown = self._shown("website")
        if shown is None:
            return self._chance.choice((None, None, "", f"https://{self._host(None)}"))
        scheme = self._chance.choice(("http://", "https://", ""))
        path = self._chance.choice(
            ("", "/", f"/{self._chance.choice(words.TRADES)}?ref={self._chance.randint(1, 999)}")
        )
        return f"{scheme}{self._host(shown)}{path if shown == SPAM else ''}"

    def _host(self, shown: str | None) -> str:
        pick = self._chance.choice
        if shown == SPAM:
            return f"{'-'.join(pick(words.WARES).split())}-{pick(words.TRADES)}.{pick(('shop', 'biz', 'web'))}.example"
        if shown == GENUINE:
            return f"{pick(words.ADJECTIVES)}{pick(words.NOUNS)}.{pick(('pages', 'band', 'blog'))}.example"
        return f"{pick(words.NOUNS)}{pick(words.NOUNS)}.web.example"

    def _email(self) -> str:
        pick, shown = self._chance.choice, self._shown("email")
        if shown == SPAM:
            local = "".join(self._chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=self._chance.randint(9, 14)))
            return f"{local}@{pick(words.THROWAWAY_MAIL if self._chance.random() < _TELLING else words.COMMON_MAIL)}"
        local = f"{pick(words.ADJECTIVES)}{pick(('.', '', '_'))}{pick(words.NOUNS)}"
        if shown == GENUINE:
            return f"{local}@{pick(words.KEPT_MAIL if self._chance.random() < _TELLING else words.COMMON_MAIL)}"
        return f"{local}{self._chance.randint(1, 999)}@{pick(words.COMMON_MAIL)}"

    def _country(self) -> str | None:
        shown = self._shown("country")
        leaning = {SPAM: words.OFTEN_SPAM, GENUINE: words.OFTEN_GENUINE}.get(shown or "")
        return self._chance.choice(leaning or (*words.COUNTRIES, None, ""))

    def _posts(self) -> int | str:
        shown = self._shown("posts")
        most = {SPAM: 3, GENUINE: 900}.get(shown or "", 12)
        least = 4 if shown == GENUINE else 0
        n_posts = round(least + (most - least) * self._chance.random() ** 3)
        return n_posts if self._chance.random() < _AS_NUMBER else str(n_posts)

    def _birthday(self) -> str | None:
        shown = self._shown("birthday")
        if shown == SPAM:
            return self._chance.choice(("1990-01-01", "1980-01-01", "2000-01-01", "1985-01-01"))
        if shown == GENUINE:
            return (
                (datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=self._chance.randint(0, 20_000))).date().isoformat()
            )
        return self._chance.choice((None, "", "1990-01-01", f"{self._chance.randint(1955, 2004)}-06-15"))

    def _moments(self) -> dict[str, datetime | None]:
        """Give when things were done; everything counts from when the account was made."""
        chance, joined = self._chance, self._joined
        confirmed = {SPAM: (1, 25), GENUINE: (120, 40_000)}.get(self._shown("confirmed") or "", (20, 400))
        changed = {SPAM: (5, 90), GENUINE: (200_000, 20_000_000)}.get(self._shown("changed") or "", (60, 2_000_000))
        seen = {SPAM: (30, 4_000), GENUINE: (3_000_000, 60_000_000)}.get(self._shown("seen") or "", (2_000, 9_000_000))

        def after(bounds: tuple[int, int]) -> datetime:
            low, high = bounds
            return joined + timedelta(seconds=low * (high / low) ** chance.random())

        return {
            "joined": joined,
            "confirmed": after(confirmed) if chance.random() < _CONFIRMED else None,
            "changed": after(changed),
            "seen": after(seen),
        }

    def _written(self, moment: datetime | None) -> str | None:
        """Write a moment in one of the forms that systems use."""
        if moment is None:
            return None
        form: Callable[[datetime], str] = self._chance.choice((
            lambda when: when.strftime("%Y-%m-%dT%H:%M:%S"),
            lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            lambda when: when.isoformat(timespec="milliseconds"),
            lambda when: when.strftime("%Y%m%dT%H%M%SZ"),
            lambda when: (when + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M:%S+02:00"),
        ))  # fmt: skip
        return form(moment)

    def _worn(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Lose some of the fields, and damage others; `...` is left out."""
        for name, value in fields.items():
            drawn = self._chance.random()
            if drawn < self._settings.missing:
                fields[name] = self._chance.choice((None, "", ...))
            elif drawn < self._settings.missing + self._settings.malformed and isinstance(value, str) and value:
                fields[name] = self._chance.choice((value[: len(value) // 2], value.replace("@", " at "), f"?{value}"))
        return fields
