"""A time as platforms and spreadsheets write it, in a few languages: "Friday, 7 May 2027, 11:59 PM", "7.5.2027 23:59".

Without a zone it is the time on the course's wall. Nothing is guessed: of "5/7/2027" nobody knows which is the month.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone

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
    r"(?<!\d)(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?(?!\d)"
    r"(?:\s*(?P<half>am|pm|a\. ?m\.|p\. ?m\.))?",
    re.IGNORECASE,
)
SQUEEZED = re.compile(r"(?<!\d)(?P<hour>\d{1,2})(?P<minute>\d{2})\s*(?P<half>am|pm)?$", re.IGNORECASE)
HALF = re.compile("(?P<late>下午|午後|오후)|上午|午前|오전")
ZONE = re.compile(r"(?:UTC|GMT|Z)?\s?(?:(?P<sign>[-+])(?P<hours>\d\d?):?(?P<minutes>\d\d)?)$|(?:UTC|GMT|Z)$")
NUMBERS = re.compile(
    r"(?<!\d)(\d{4})[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})(?!\d)|(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)"
)
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
    date = NUMBERS.search(text)
    rest = text if date is None else f"{text[: date.start()]} {text[date.end() :]}"  # "22.03" is no clock
    clock = CLOCK.search(rest) or SQUEEZED.search(rest)  # Brightspace has no ":" in a file's name
    if clock is None:
        return None
    hour, minute, second, half = int(clock["hour"]), int(clock["minute"]), 0, clock["half"]
    if clock.re is CLOCK:
        second = int(clock["second"] or 0)
    behind = rest[clock.end() :].strip() if clock.re is CLOCK else ""
    zone = ZONE.match(behind)
    if zone is None and re.fullmatch(r"[A-Z]{3,5}", behind):
        return None  # "CET": which one that is, is not written
    day = _day(f"{rest[: clock.start()]} {rest[clock.end() :] if zone is None else ''}", date, day_first)
    if half or (found := HALF.search(rest)):
        is_late = half[0] in "pP" if half else bool(found and found["late"])
        hour = hour % 12 + 12 * is_late
    try:
        return None if day is None else datetime(*day, hour, minute, second, tzinfo=_zone(zone))
    except ValueError:
        return None


def _zone(found: re.Match[str] | None) -> timezone | None:
    if found is None:
        return None
    ahead = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
    return timezone(-ahead if found["sign"] == "-" else ahead)


def _day(text: str, numbers: re.Match[str] | None, day_first: bool | None) -> tuple[int, int, int] | None:
    """Year, month and day, of a date in numbers or else of the text's words."""
    if numbers is not None:
        first, second, third = (int(number) for number in numbers.groups() if number)
        if numbers[1]:
            return first, second, third
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
