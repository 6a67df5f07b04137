"""What somebody declares of the people they know: their own to write, to read and to take back."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from teamaround.access.models import FamilyLink


def test_a_practitioner_names_people_they_know_and_takes_one_back(cast: Any) -> None:
    client, address = cast.tom.client(), reverse("own_family")
    assert address in client.get(reverse("help")).content.decode()
    refused = client.post(address, {"given": "Ada", "family_name": " "})
    assert "Enter family name" in refused.content.decode()
    answer = client.post(
        address, {"given": "Ada", "family_name": "Okoro", "postcode": "nm1 1aa"}, follow=True
    )
    page = answer.content.decode()
    assert "Ada Okoro" in page
    assert "NM1 1AA" in page
    assert "Okoro" not in cast.nina.client().get(address).content.decode()
    (key,) = re.findall(r'name="link" value="(\d+)"', page)
    cast.nina.client().post(reverse("own_family_end"), {"link": key})
    assert "Ada Okoro" in client.get(address).content.decode()
    assert (
        "Ada Okoro" not in client.post(reverse("own_family_end"), {"link": key}, follow=True).content.decode()
    )
    with cast.as_(cast.tom):
        assert FamilyLink.objects.get().ended_at is not None


def test_what_is_no_number_takes_nothing_back(cast: Any) -> None:
    for typed in ("", "x", "9" * 40):
        assert cast.tom.client().post(reverse("own_family_end"), {"link": typed}).status_code == 302
