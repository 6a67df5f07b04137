"""Messages, revealed questions and stale pages, and how the renderer shows them."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms as django_forms
from django.template import Context, Template

from teamaround.ui import forms
from teamaround.ui.rendering import field_view, summary_errors


class Caring(forms.VersionedForm):
    name = django_forms.CharField(label="Full name", max_length=10, widget=forms.TextInput(width=20))
    nhs_number = django_forms.CharField(label="NHS number")
    cares = django_forms.ChoiceField(
        label="Does the child look after someone?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect(hints={"no": "As far as is known"}),
    )
    hours = django_forms.ChoiceField(label="Hours of caring", choices=[("", "Choose"), ("1", "1 to 19")])
    tasks = django_forms.MultipleChoiceField(
        label="Tasks", choices=[("a", "Meals"), ("b", "Medicines")], widget=forms.CheckboxSelectMultiple
    )
    interpreter = django_forms.BooleanField(label="An interpreter is needed", required=False)
    language = django_forms.CharField(label="Language")
    note = django_forms.CharField(
        label="What happened",
        max_length=20,
        required=False,
        widget=django_forms.Textarea,
        help_text="Plainly.",
    )
    born = forms.DateField(label="Date of birth", required=False)

    reveals = {"cares": {"yes": ["hours", "tasks"]}, "interpreter": {"on": ["language"]}}


def whole(**changes: Any) -> dict[str, Any]:
    return {"version": "3", "name": "Aisha", "nhs_number": "1", "cares": "no", **changes}


def rendered(form: django_forms.BaseForm, source: str = "{% form form %}") -> str:
    return Template("{% load ui %}" + source).render(Context({"form": form, "csrf_token": "token"}))


def test_an_empty_answer_is_asked_for_by_name() -> None:
    errors = Caring({"version": "3"}).errors
    assert errors["name"] == ["Enter full name"]
    assert errors["nhs_number"] == ["Enter NHS number"]
    assert errors["cares"] == ["Select an answer to “Does the child look after someone?”"]


def test_a_long_answer_is_told_its_limit_and_its_length() -> None:
    form = Caring(whole(name="A" * 200))
    assert form.errors["name"] == ["Full name must be 10 characters or fewer. You typed 200."]


def test_a_question_that_is_not_revealed_is_neither_required_nor_kept() -> None:
    form = Caring(whole(hours="1", tasks=["a"], language="Urdu"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hours"] == ""
    assert form.cleaned_data["tasks"] == []
    assert form.cleaned_data["language"] == ""


def test_a_revealed_question_is_required() -> None:
    form = Caring(whole(cares="yes", interpreter="on"))
    assert set(form.errors) == {"hours", "tasks", "language"}
    assert Caring(whole(cares="yes", hours="1", tasks=["b"])).is_valid()


def test_a_question_revealed_by_a_hidden_question_stays_hidden() -> None:
    class Nested(forms.Form):
        a = django_forms.ChoiceField(choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect)
        b = django_forms.ChoiceField(choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect)
        c = django_forms.CharField()
        reveals = {"a": {"y": ["b"]}, "b": {"y": ["c"]}}

    assert Nested({"a": "n", "b": "y", "c": "x"}).is_valid()
    assert Nested({"a": "y", "b": "y"}).errors["c"] == ["Enter c"]


def test_a_stale_form_is_refused_with_everything_typed_still_there() -> None:
    form = Caring(whole(name="Aisha R"), version=3)
    assert form.is_valid()
    form.refuse_stale(forms.StaleForm(4, "Priya Shah"))
    page = rendered(form)
    assert "Priya Shah changed this record while you had it open" in page
    assert 'value="Aisha R"' in page
    assert '<input type="hidden" name="version" value="4"' in page


def test_a_new_page_carries_the_version_it_was_made_from() -> None:
    assert '<input type="hidden" name="version" value="7"' in rendered(Caring(version=7))


def test_the_error_summary_links_to_the_first_box_that_is_wrong() -> None:
    form = Caring(whole(born_day="3", born_year="2012", cares=""))
    form.add_error(None, "Look again")
    assert [(line.text, line.focus_id) for line in summary_errors([form])] == [
        ("Look again", ""),
        ("Select an answer to “Does the child look after someone?”", "id_cares_0"),
        ("Date of birth must include a month", "id_born_month"),
    ]


def test_only_the_wrong_box_of_a_date_is_marked() -> None:
    page = rendered(Caring(whole(born_day="3", born_year="2012")), "{% field form.born %}")
    assert page.count("govuk-input--error") == 1
    assert 'value="2012"' in page


def test_nothing_typed_can_become_markup() -> None:
    nasty = "<script>alert(1)</script>"
    form = Caring(whole(name=nasty, note=nasty, cares=nasty, born=nasty))
    assert "<script" not in rendered(form)
    assert "&lt;script&gt;" in rendered(form)


@pytest.mark.parametrize("name", ["O’Neill-Šimić", "محمد", "A" * 10])
def test_names_of_every_script_come_back_as_typed(name: str) -> None:
    assert name in rendered(Caring(whole(name=name, nhs_number="")))


def test_a_field_names_its_hint_its_error_and_its_limit_to_screen_readers() -> None:
    page = rendered(Caring(whole(note="x" * 30)), "{% field form.note %}")
    assert 'aria-describedby="id_note_helptext id_note_error id_note-info"' in page
    assert 'data-maxlength="20"' in page
    assert " maxlength=" not in page
    assert "What happened (optional)" in page


def test_choices_carry_their_hints_and_what_they_reveal() -> None:
    view = field_view(Caring()["cares"])
    assert [choice.hint for choice in view.choices] == ["", "As far as is known"]
    assert [each.name for each in view.choices[0].reveals] == ["hours", "tasks"]
    page = rendered(Caring())
    assert page.count('name="hours"') == 1
    assert 'data-aria-controls="id_cares_0_reveals"' in page


def test_any_django_form_can_be_rendered() -> None:
    class Plain(django_forms.Form):
        email = django_forms.EmailField()
        secret = django_forms.CharField(widget=django_forms.PasswordInput)
        letter = django_forms.FileField()
        kind = django_forms.TypedChoiceField(choices=[("a", "A")])

    page = rendered(Plain({}), '{% form form submit="Sign in" draft_url="/draft/" %}')
    assert 'enctype="multipart/form-data"' in page
    assert 'data-draft-url="/draft/"' in page
    assert "Sign in" in page
    assert "govuk-password-input__input" in page


def test_an_action_button_posts_with_its_token_and_values() -> None:
    page = rendered(
        Caring(), '{% action_button "Accept" "/x/" style="warning" hint="Kofi’s referral" step=2 %}'
    )
    assert 'name="csrfmiddlewaretoken" value="token"' in page
    assert '<input type="hidden" name="step" value="2">' in page
    assert "govuk-button--warning" in page
