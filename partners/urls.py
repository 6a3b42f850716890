"""Signing in and out."""

from allauth.account import views as allauth
from django.urls import path

from partners.access import public, signed_in

sign_in = public(allauth.request_login_code)

urlpatterns = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/", sign_in, name="account_request_login_code"),
    path("sign-in/code/", public(allauth.confirm_login_code), name="account_confirm_login_code"),
    path("sign-in/closed/", public(allauth.account_inactive), name="account_inactive"),
    path("sign-out/", signed_in(allauth.logout), name="account_logout"),
]
