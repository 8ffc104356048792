"""Small parts used in the templates of all rooms."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.template import RequestContext
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from medvirk.ui.hooks import strips
from medvirk.ui.languages import direction_of, name_of
from medvirk.ui.prose import prose

register = template.Library()


@register.filter
def get(mapping: dict[object, object], key: object) -> object:
    """`mapping[key]`, or None: for looking up by a variable in a template."""
    return mapping.get(key)


register.filter("prose", prose)
register.filter("direction", direction_of)
register.filter("language_name", name_of)


@register.filter
def aria(field: BoundField) -> SafeString:
    """The field's input, tied to its help text and its error for screen readers."""
    described = [f"{field.id_for_label}_help"] if field.help_text else []
    attributes: dict[str, object] = {}
    if field.errors:
        described.append(f"{field.id_for_label}_error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs={**field.field.widget.attrs, **attributes})


@register.simple_tag
def errors_of(field: BoundField) -> SafeString:
    """The field's errors as one line each, or nothing."""
    if not field.errors:
        return SafeString("")
    lines = format_html_join("", "<li>{}</li>", ((error,) for error in field.errors))
    return format_html(
        '<ul class="field-errors ds-validation-message" id="{}_error">{}</ul>', field.id_for_label, lines
    )


@register.simple_tag(takes_context=True, name="strips")
def shown_strips(context: RequestContext) -> SafeString:
    """What rooms must show above the content of this page."""
    request = context.get("request")
    if request is None:
        return SafeString("")
    shown = ((each.template, each.context(request)) for each in strips())
    return SafeString(
        "".join(
            render_to_string(template, dict(held), request) for template, held in shown if held is not None
        )
    )
