"""The ways out of the house: one file each, and this table of them.

Work for a person (calls, social messages, post) has no channel: it is a task, and what a channel
would do is done by that person.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from accounts.errors import AbmError
from orchestrator.channels.base import Channel as Channel
from orchestrator.channels.base import Courier as Courier
from orchestrator.channels.email import Email
from orchestrator.channels.guard import Guard
from orchestrator.channels.maildir import Maildir
from orchestrator.channels.smtp import Relay, Timeouts
from orchestrator.channels.webhook import Webhook
from orchestrator.settings import Mail, Settings


def _email(settings: Settings) -> Channel:
    """SMTP where a host is named, else the project's maildir."""
    mail = settings.mail
    return Email(mail.domain, _relay(mail)) if mail.host else Maildir(mail.domain, settings.maildir)


def _webhook(settings: Settings) -> Channel:
    webhooks = settings.webhooks
    return Webhook(Guard(webhooks.allow), webhooks.secret.get_secret_value())


CHANNELS: dict[str, Callable[[Settings], Channel]] = {
    "email": _email,
    "webhook": _webhook,
}


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Every channel, ready for use; AbmError for settings that cannot work."""
    return {name: build(settings) for name, build in CHANNELS.items()}


def _relay(mail: Mail) -> Relay:
    if mail.user and mail.tls == "none" and not _is_loopback(mail.host):
        raise AbmError(
            "the mail password would travel in the clear", "set `tls` of [mail] to starttls"
        )
    return Relay(
        host=mail.host,
        port=mail.port,
        user=mail.user,
        password=mail.password.get_secret_value(),
        tls=mail.tls,
        helo=mail.domain,
        timeouts=Timeouts(mail.timeout, mail.timeout, 4 * mail.timeout),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
