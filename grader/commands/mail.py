"""`grader feedback --mail`: each student's report by mail, one message each, over SMTP.

Without `--send` it is said who would get what. What is about to be sent is noted before, and what was sent after it:
if a run dies in between, nobody knows whether the message went out. Such a one is in doubt, is listed, and is not sent
again without `--again`. A report that is the same as the one that was sent is not sent twice.
"""

from __future__ import annotations

import hashlib
import smtplib
import ssl
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console

from grader.commands.display import named
from grader.commands.feedback import Feedback, collected
from grader.errors import GraderError, UsageError
from grader.report.text import count, plain
from grader.run.classrun import ClassRun, reopened
from grader.run.folder import settings_of

FINE, GRADER_FAILED = 0, 3
SECONDS = 30.0  # that a server may take to answer
SENDING, SENT = "sending", "sent"
SUBJECT = "{title}: {score}"
TEXT = "Hello {name},\n\nyour result in {title}: {score}.\nThe report is attached; open it in a browser.\n"


class MailConfig(BaseModel):
    """How mail is sent: a TOML file. The password is in a file of its own, or not needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: Path | None = None
    sender: str
    reply_to: str = ""
    subject: str = SUBJECT
    text: str = TEXT


def read_config(path: Path) -> MailConfig:
    """Read the file. Raises `UsageError` with a sentence for what cannot be."""
    try:
        config = MailConfig.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the mail configuration {path} cannot be read: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise UsageError(f"the mail configuration {path}: {faults}") from error
    try:
        (config.subject + config.text).format(name="", title="", score="")
    except (KeyError, ValueError, IndexError) as error:
        raise UsageError(f"the mail configuration {path}: of {{…}} only name, title and score are known") from error
    return config


def run(
    folder: Path, config_path: Path, *, send: bool, again: bool, ledger: str | None = None, course: Path | None = None
) -> int:
    """Send each student's report, or say what would be sent. Returns the exit code: 3 where one could not be sent."""
    config = read_config(config_path)
    settings = settings_of(folder)
    console = Console()
    with reopened(folder, settings, ledger, course) as classrun:
        found = collected(classrun)
        return _deliver(classrun, found, config, console, send=send, again=again)


def _deliver(
    classrun: ClassRun, found: Sequence[Feedback], config: MailConfig, console: Console, *, send: bool, again: bool
) -> int:
    before = classrun.ledger.mails(classrun.run)
    messages: list[tuple[Feedback, EmailMessage, str]] = []
    doubtful, done, without = [], 0, []
    for one in found:
        student = one.entry.student
        if not one.folder or student.has_left:
            continue
        if "@" not in student.email or not student.email.isprintable() or " " in student.email:
            without.append(named(student, student.id))
            continue
        message, content = _message(classrun, one, config)
        state, sent = before.get(student.id, ("", ""))
        if state == SENDING and not again:
            doubtful.append(named(student, student.id))
        elif state == SENT and sent == content and not again:
            done += 1
        else:
            messages.append((one, message, content))
    _say(console, f"{count(len(messages), 'message')} to send, {done} sent before.")
    for one, message, _ in messages if not send else ():
        student = one.entry.student
        _say(console, f"  {named(student, student.id)}, {message['To']}: {message['Subject']}")
    if without:
        _say(console, f"Without an e-mail address: {'; '.join(without)}")
    if doubtful:
        _say(
            console,
            f"In doubt, for an earlier run ended while it sent them: {'; '.join(doubtful)}. Look whether they came, or "
            "send them again with --again.",
        )
    if not send:
        _say(console, "Nothing was sent: say --send.")
        return FINE
    failed = _send(classrun, messages, config) if messages else {}
    _say(console, f"{count(len(messages) - len(failed), 'message')} sent.")
    for refused, why in failed.items():
        _say(console, f"NOT SENT {refused}: {why}")
    return GRADER_FAILED if failed else FINE


def _send(
    classrun: ClassRun, messages: Sequence[tuple[Feedback, EmailMessage, str]], config: MailConfig
) -> dict[str, str]:
    """Send them one by one, each noted before and after. Returns whom the server refused, and why."""
    failed: dict[str, str] = {}
    with connected(config) as server:
        for one, message, content in messages:
            student = one.entry.student.id
            classrun.ledger.note_mail(classrun.run, student, content, SENDING, datetime.now(UTC))
            try:
                server.send_message(message)
            except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
                classrun.ledger.forget_mail(classrun.run, student)  # the server did not take it
                failed[named(one.entry.student, student)] = plain(str(error), one_line=True)
                continue
            except (OSError, smtplib.SMTPException) as error:
                raise GraderError(
                    f"the mail server {config.host} failed at {student}, whose message is in doubt: {error}. "
                    "Run the same command again: it goes on with the others"
                ) from error
            classrun.ledger.note_mail(classrun.run, student, content, SENT, datetime.now(UTC))
    return failed


@contextmanager
def connected(config: MailConfig) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server. Raises `GraderError` where there is none."""
    context = ssl.create_default_context()
    server: smtplib.SMTP | None = None
    try:
        if config.security == "tls":
            server = smtplib.SMTP_SSL(config.host, config.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(config.host, config.port, timeout=SECONDS)
            if config.security == "starttls":
                server.starttls(context=context)
        if config.user:
            password = config.password_file.read_text("utf-8").strip() if config.password_file else ""
            server.login(config.user, password)
    except (OSError, smtplib.SMTPException) as error:
        if server is not None:
            server.close()
        raise GraderError(f"the mail server {config.host} cannot be used: {error}. Nothing was sent") from error
    try:
        yield server
    finally:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def _message(classrun: ClassRun, one: Feedback, config: MailConfig) -> tuple[EmailMessage, str]:
    """A student's message, and what names its content: the same report has the same."""
    student = one.entry.student
    title = classrun.homework.assignment.title
    words = {"name": student.name or student.id, "title": title, "score": one.score}
    report = (classrun.folder / one.entry.page).read_bytes()
    message = EmailMessage()
    message["Subject"] = plain(config.subject.format(**words), one_line=True)
    message["From"] = config.sender
    message["To"] = student.email
    if config.reply_to:
        message["Reply-To"] = config.reply_to
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid()
    message.set_content(config.text.format(**words))
    message.add_attachment(report, maintype="text", subtype="html", filename="report.html")
    said = [student.email, message["Subject"], hashlib.sha256(report).hexdigest()]
    return message, hashlib.sha256("\0".join(said).encode()).hexdigest()


def _say(console: Console, text: str) -> None:
    console.print(plain(text), markup=False, highlight=False, soft_wrap=True)
