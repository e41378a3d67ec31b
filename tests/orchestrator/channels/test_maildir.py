"""The sink that needs no set-up: two phases, and a repeat that lands on itself."""

from __future__ import annotations

from pathlib import Path

from orchestrator.channels.maildir import Maildir
from tests.orchestrator.channels.test_mime import DOMAIN, DRAFT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_mail_is_offered_in_tmp_and_sent_to_new(tmp_path: Path):
    channel = Maildir(DOMAIN, tmp_path / "mail")
    message = channel.compose(DRAFT)
    courier = channel.open(2)
    assert courier.offer([message]) == [None]
    name = f"{DRAFT.key}.0"
    assert (names(tmp_path / "mail/tmp"), names(tmp_path / "mail/new")) == ([name], [])
    assert [r.status for r in courier.send([message])] == ["sent"]
    assert (names(tmp_path / "mail/tmp"), names(tmp_path / "mail/new")) == ([], [name])
    assert (tmp_path / "mail/new" / name).read_bytes() == message.body


def test_sending_again_changes_nothing(tmp_path: Path):
    channel = Maildir(DOMAIN, tmp_path)
    message = channel.compose(DRAFT)
    for _ in range(2):  # as after a crash: another courier, the same message
        courier = channel.open(1)
        assert courier.offer([message]) == [None]
        assert courier.send([message])[0].status == "sent"
    assert names(tmp_path / "new") == [f"{DRAFT.key}.0"]


def test_what_is_not_sent_goes_away(tmp_path: Path):
    channel = Maildir(DOMAIN, tmp_path)
    courier = channel.open(1)
    courier.offer([channel.compose(DRAFT)])
    assert courier.send([]) == []
    assert (names(tmp_path / "tmp"), names(tmp_path / "new")) == ([], [])
    courier.offer([channel.compose(DRAFT)])
    courier.close()
    assert names(tmp_path / "tmp") == []


def test_a_folder_that_cannot_be_written_is_definite(tmp_path: Path):
    (tmp_path / "file").touch()
    channel = Maildir(DOMAIN, tmp_path / "file")
    (receipt,) = channel.open(1).offer([channel.compose(DRAFT)])
    assert receipt
    assert receipt.status == "retry"
