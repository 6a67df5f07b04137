import pytest

from teamaround.linkage.sounds import LENGTH, sound
from teamaround.linkage.spellings import families, forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mohammed", "muhamad"), ("yusuf", "youssef"), ("szymon", "shimon"), ("nguyen", "nguyn"), ("knight", "nite"),
        ("oluwaseun", "seun"), ("christopher", "kristofer"), ("aaliyah", "aliya"), ("khalid", "kaled"), ("filip", "philip"),
        ("macdonald", "mcdonald"), ("wiktor", "viktor"), ("hussain", "hosein"), ("singh", "sing"), ("axel", "aksel"),
    ],
)  # fmt: skip
def test_names_that_sound_alike_share_a_code(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("maria", "martha"), ("khan", "karan"), ("smith", "jones"), ("ali", "eve"), ("leo", "theo")],
)
def test_names_that_sound_different_do_not(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_a_code_is_short_and_a_name_without_consonants_has_one() -> None:
    assert sound("") == ""
    assert sound("aoi") == "a"
    assert all(0 < len(sound(name)) <= LENGTH for name in families()["forenames"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("robert", "bob"), ("caoimhe", "keeva"), ("wojciech", "wojtek"), ("muhammad", "mohammed"), ("aisha", "ayesha"),
        ("oluwaseun", "seun"), ("kwaku", "kweku"), ("abdirahman", "abdi"), ("minh", "ming"), ("chantelle", "shantel"),
    ],
)  # fmt: skip
def test_short_forms_and_spellings_of_every_origin_are_one_family(one: str, other: str) -> None:
    assert set(forms(one)) & set(forms(other))


def test_surnames_have_families_of_their_own() -> None:
    assert set(forms("witkowski", "surnames")) & set(forms("witkowska", "surnames"))
    assert forms("twyworth", "surnames") == ("twyworth",)
    assert forms("", "surnames") == ()
