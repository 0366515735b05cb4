"""A time as platforms and spreadsheets write it, in a few languages: "Friday, 7 May 2027, 11:59 PM", "7.5.2027 23:59".

Without a zone it is the time on the course's wall. Nothing is guessed: of "5/7/2027" nobody knows which is the month.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

# How months begin in English, German, French, Spanish, Portuguese, Italian and Dutch, without accents.
MONTHS = (
    ("jan", "ene", "gen"),
    ("feb", "fev"),
    ("mar", "mrz", "mrt", "maerz"),
    ("apr", "abr", "avr"),
    ("may", "mai", "mei", "mag"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "ago", "aou"),
    ("sep", "set"),
    ("oct", "okt", "out", "ott"),
    ("nov",),
    ("dec", "dez", "dic"),
)
CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?(?!\d)(?:\s*(am|pm|a\. ?m\.|p\. ?m\.))?", re.IGNORECASE
)
SQUEEZED = re.compile(r"(?<!\d)(\d{1,2})(\d{2})\s*(am|pm)?$", re.IGNORECASE)  # Brightspace has no ":" in a file's name
NUMBERS = re.compile(r"(?<!\d)(\d{1,4})[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,4})(?!\d)")
WORDS = re.compile(r"[^\W\d_]+|\d+")


def moment_of(text: str, *, day_first: bool | None = None) -> datetime | None:
    """The time; None for what is none, or may be two. `day_first` says how to read "5/7/2027"."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    for form in ("%Y%m%d%H%M%S%f", "%Y-%m-%d-%H-%M-%S"):
        if re.fullmatch(r"\d{17}|\d{4}(-\d{2}){5}", text):
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - the course's zone is added later
            except ValueError:
                continue
    try:
        return datetime.fromisoformat(re.sub(r" (?:UTC|Z)$", "+00:00", text))
    except ValueError:
        pass
    zone = UTC if re.search(r"\bUTC$", text) else None
    clock = CLOCK.search(text)
    rest = text if clock is None else f"{text[: clock.start()]} {text[clock.end() :]}"
    if clock is None and (clock := SQUEEZED.search(text)) is not None:
        rest = text[: clock.start()]
        hour, minute, second, half = int(clock[1]), int(clock[2]), 0, clock[3]
    elif clock is not None:
        hour, minute, second, half = int(clock[1]), int(clock[2]), int(clock[3] or 0), clock[4]
    else:
        return None
    day = _day(rest, day_first)
    if half:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    try:
        return None if day is None else datetime(*day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None


def _day(text: str, day_first: bool | None) -> tuple[int, int, int] | None:
    """Year, month and day."""
    numbers = NUMBERS.search(text)
    if numbers is not None:
        first, second, third = (int(number) for number in numbers.groups())
        if len(numbers[1]) == 4:
            return first, second, third
        if len(numbers[3]) != 4:
            return None
        if "." in numbers[0] or first > 12 or day_first:
            return third, second, first
        return (third, first, second) if second > 12 or day_first is False else None
    words = WORDS.findall(text)
    months = [month for word in words if (month := _month(word)) is not None]
    years = [int(word) for word in words if word.isdecimal() and len(word) == 4]
    days = [int(word) for word in words if word.isdecimal() and len(word) <= 2]
    if len(months) != 1 or len(years) != 1 or len(days) != 1:
        return None
    return years[0], months[0], days[0]


def _month(word: str) -> int | None:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    if plain.isdigit() or len(plain) < 3 or plain in ("mardi", "martes", "maandag", "martedi", "marte"):
        return None  # of a week's days, these begin like months
    return next((number for number, starts in enumerate(MONTHS, 1) if plain.startswith(starts)), None)
