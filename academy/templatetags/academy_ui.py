"""Small filters for pages: which control an error belongs to, which pages of a list to link."""

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxSelectMultiple, MultiWidget, RadioSelect

register = template.Library()


@register.filter
def first_control(bound: BoundField, id_: str) -> str:
    """The id that an error link to `id_` has to point at so that a control takes the focus.

    Radios, checkboxes and dates share one id that belongs to no control: their first control stands for them.
    """
    if id_ != bound.auto_id:
        return id_
    if isinstance(bound.field.widget, RadioSelect | CheckboxSelectMultiple):
        return f"id_{bound.html_name}_1"
    if isinstance(bound.field.widget, MultiWidget):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or id_


@register.filter
def describable(bound: BoundField) -> BoundField:
    """The same field, ready for the pack to add a character count: it fails on one without a description."""
    bound.field.widget.attrs.setdefault("aria-describedby", "")
    return bound


@register.filter
def page_numbers(page: Page) -> list[int | str]:
    """The page numbers worth a link: the ends and those around this one, with an ellipsis between."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
