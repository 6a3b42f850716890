"""Signing in and out; people on their way in."""

from allauth.account import views as allauth
from django.urls import path

from partners.access import public, signed_in
from partners.views import characteristics, imports, merges, people

sign_in = public(allauth.request_login_code)

urlpatterns = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/", sign_in, name="account_request_login_code"),
    path("sign-in/code/", public(allauth.confirm_login_code), name="account_confirm_login_code"),
    path("sign-in/closed/", public(allauth.account_inactive), name="account_inactive"),
    path("sign-out/", signed_in(allauth.logout), name="account_logout"),
    path("about-you/", characteristics.about_you, name="about_you"),
    path("about-you/delete/", characteristics.forget, name="forget_about_you"),
    path("people/add/", people.add, name="add_person"),
    path("people/duplicates/", merges.duplicates, name="duplicates"),
    path("people/merges/<int:pk>/undo/", merges.undo, name="merge_undo"),
    path("people/<int:pk>/merge/<int:other>/", merges.merge, name="merge"),
    path("people/<int:pk>/merge/<int:other>/apart/", merges.tell_apart, name="tell_apart"),
    path("people/deputies/", people.deputies, name="deputies"),
    path("people/deputies/<int:pk>/end/", people.end_deputy, name="end_deputy"),
    path("people/<int:pk>/change/", people.change, name="change_person"),
    path("people/<int:pk>/posts/add/", people.add_post, name="add_post"),
    path("people/<int:pk>/invite/", people.invite, name="invite"),
    path("people/posts/<int:pk>/end/", people.end_post, name="end_post"),
    path("people/import/", imports.imports, name="imports"),
    path("people/import/people.csv", imports.empty, name="import_empty"),
    path("people/import/<int:pk>/", imports.one, name="import"),
    path("people/import/<int:pk>/columns/", imports.columns, name="import_columns"),
    path("people/import/<int:pk>/decide/", imports.decide, name="import_decide"),
    path("people/import/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("people/import/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("people/import/<int:pk>/undo/", imports.undo, name="import_undo"),
    path("people/import/<int:pk>/to-fix.csv", imports.lines_to_fix, name="import_to_fix"),
]
