"""Signing in and out; access roles, why someone may see something, and what happened."""

from allauth.account import views as allauth
from django.urls import path

from partners.access import Proxy, public, signed_in
from partners.views import acting, events, grants, why

sign_in = public(allauth.request_login_code, proxy=Proxy.NEVER)

urlpatterns = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/", sign_in, name="account_request_login_code"),
    path("sign-in/code/", public(allauth.confirm_login_code, proxy=Proxy.NEVER), name="account_confirm_login_code"),
    path("sign-in/closed/", public(allauth.account_inactive), name="account_inactive"),
    path("sign-out/", signed_in(allauth.logout, proxy=Proxy.DO), name="account_logout"),
    path("access-roles/", grants.access_roles, name="access_roles"),
    path("access-roles/find/", grants.find, name="find_person"),
    path("access-roles/give/<int:pk>/", grants.give, name="give_access_role"),
    path("access-roles/why/", why.why, name="why"),
    path("access-roles/<int:pk>/", grants.access_role, name="access_role"),
    path("access-roles/<int:pk>/end/", grants.end, name="end_access_role"),
    path("acting/as/<int:pk>/", acting.act_as, name="act_as"),
    path("acting/stop/", acting.stop, name="stop_acting"),
    path("what-happened/", events.events, name="events"),
]
