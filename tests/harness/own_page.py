"""Somebody of a family at a page of their own."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.test import Client

from teamaround.access.me import FamilyMember, family_member_of, portal_actor
from teamaround.agencies.models import Account, Principal
from teamaround.database.actor import SET_UP, Actor, acting_as
from teamaround.people.models import Person, PortalAccount


class Own:
    """Somebody of the family at their own page."""

    def __init__(self, person: Person, account: Account) -> None:
        self.person = person
        self.account = account

    def actor(self) -> Actor:
        found = portal_actor(self.account)
        assert found is not None
        return found

    def me(self) -> FamilyMember:
        found = family_member_of(self.actor())
        assert found is not None
        return found

    def client(self) -> Client:
        client = Client()
        client.force_login(self.account, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


def own_page_of(cast: Any, person: Person) -> Own:
    """An account of the person's own, opened by Yasmin."""
    with acting_as(SET_UP), transaction.atomic():
        account = Account.objects.create(email=f"{person.given.lower()}@family.example", password="!")
        principal = Principal.objects.create(kind="family")
    with cast.as_(cast.yasmin) as me:
        PortalAccount.objects.create(
            principal=principal, account=account, person_id=person.pk, opened_by_id=me.principal
        )
    return Own(person, account)
