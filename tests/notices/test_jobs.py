"""Jobs, with real commits, the application's own role and a worker of their own."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as InMemory
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from harness.cast import make_cast
from teamaround.access.drafts import keep_draft
from teamaround.access.models import Draft
from teamaround.notices import jobs
from teamaround.notices.actions import notify
from teamaround.notices.loaders import TASK, Unsent, unsent
from teamaround.notices.models import Message
from teamaround.site.commands import check
from teamaround.ui.presentation import uk_datetime


def work() -> None:
    call_command("procrastinate", "worker", "--one-shot", "--delete-jobs", "successful")


@pytest.fixture
def in_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", False)
    monkeypatch.setattr(settings, "TEAMAROUND_MAIL_URL", "smtp://post:secret@mail.area.example")
    monkeypatch.setattr(jobs, "mail_server", lambda _address: InMemory())
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    # Whatever the hour at which the tests run.
    monkeypatch.setattr("teamaround.notices.actions.in_hours", set)


def test_a_message_leaves_once_and_after_its_transaction(committed: None, in_service: None) -> None:
    cast = make_cast()
    with cast.as_(cast.yasmin):
        (row,) = notify(practitioners=[cast.tom.practitioner.pk], kind="referral.news", link="/referrals/x/")
        assert mail.outbox == []
    with cast.as_(cast.yasmin):
        notify(practitioners=[cast.nina.practitioner.pk], kind="referral.news", link="/referrals/y/")
        transaction.set_rollback(True)
    work()
    jobs.send_message(message=row.pk)
    assert [each.to for each in mail.outbox] == [["tom@northmoor.example"]]
    assert "Reyes" not in mail.outbox[0].body + mail.outbox[0].subject
    with cast.as_(cast.yasmin):
        kept = Message.objects.get(pk=row.pk)
        assert kept.sent_at is not None
        assert kept.body == ""


def test_a_message_that_could_not_be_sent_waits_for_another_try(
    committed: None, in_service: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(InMemory):
        def send_messages(self, messages: Any) -> int:
            raise OSError("no route to host")

    monkeypatch.setattr(jobs, "mail_server", lambda _address: Away())
    cast = make_cast()
    with cast.as_(cast.yasmin):
        (row,) = notify(practitioners=[cast.tom.practitioner.pk], kind="referral.news", link="/referrals/x/")
    work()
    with cast.as_(cast.yasmin), connection.cursor() as cursor:
        assert Message.objects.get(pk=row.pk).sent_at is None
        cursor.execute("select status::text, attempts, args::text from procrastinate_jobs")
        assert cursor.fetchall() == [("todo", 1, f'{{"message": {row.pk}}}')]


def test_a_message_that_failed_every_attempt_is_told_of_without_address_or_content(
    cast: Any, in_service: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobs.send_message.name == TASK
    address = "/administration/"
    with cast.as_(cast.yasmin), connection.cursor() as cursor:
        for member in (cast.tom, cast.nina):
            notify(practitioners=[member.practitioner.pk], kind="referral.news", link="/referrals/x/")
        assert unsent().number == 0
        cursor.execute("update procrastinate_jobs set status = 'failed'")
    with cast.as_(cast.admin):
        first = Message.objects.order_by("pk")[0]
        assert unsent() == Unsent(2, first.made_at)
    page = cast.admin.client().get(address).content.decode()
    assert "2 e-mails could not be sent" in page
    assert uk_datetime(first.made_at) in page
    for hidden in ("tom@northmoor.example", "referrals/x", "News on a referral"):
        assert hidden not in page
    monkeypatch.setattr(check, "application", lambda _installation: nullcontext())
    assert check.database(Namespace(data=Path())) == 0
    told = capsys.readouterr().err
    assert "2 e-mails could not be sent" in told
    assert "northmoor" not in told
    with cast.as_(cast.yasmin):
        Message.objects.update(sent_at=Now())
    assert "could not be sent" not in cast.admin.client().get(address).content.decode()


def test_nothing_leaves_a_demonstration(committed: None, in_service: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "DEMONSTRATION", True)
    cast = make_cast()
    with cast.as_(cast.yasmin):
        (row,) = notify(practitioners=[cast.tom.practitioner.pk], kind="referral.news", link="/referrals/x/")
    jobs.send_message(message=row.pk)
    work()
    assert mail.outbox == []


def test_drafts_past_their_date_go_and_others_stay(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        keep_draft(by=me, form="plan", about="old", typed={"goal": "x"})
        keep_draft(by=me, form="plan", about="fresh", typed={"goal": "x"})
        Draft.objects.filter(about="old").update(purge_on=dt.date(2020, 1, 1))
    jobs.purge_drafts(timestamp=0)
    with cast.as_(cast.yasmin):
        assert list(Draft.objects.values_list("about", flat=True)) == ["fresh"]


def test_a_practitioner_cannot_purge_drafts(cast: Any) -> None:
    with (
        pytest.raises(DatabaseError, match="only a service"),
        cast.as_(cast.yasmin),
        connection.cursor() as cursor,
    ):
        cursor.execute("select app.purge_drafts()")


def test_the_access_log_has_partitions_for_the_months_to_come(cast: Any) -> None:
    jobs.prepare_access_log(timestamp=0)
    jobs.prepare_access_log(timestamp=0)
