"""Signing in and out, one's own account, how organisations sign in; people, and files of them; access roles."""

from django.urls import path, register_converter

from partners.access import Proxy, signed_in, without_second_factor
from partners.views import (
    acting,
    characteristics,
    confirm,
    events,
    factors,
    grants,
    imports,
    lost_factors,
    merges,
    own,
    people,
    providers,
    sign_in,
    why,
    work_accounts,
)


class AccountId:
    """An account in the link to a new password; its end can be told from what follows."""

    regex = "[0-9A-Za-z]+"
    to_python = to_url = staticmethod(str)


register_converter(AccountId, "account_id")

urlpatterns = [
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
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-in/", sign_in.sign_in, name="account_request_login_code"),
    path("sign-in/code/", sign_in.enter_code, name="account_confirm_login_code"),
    path("sign-in/password/", sign_in.password_sign_in, name="password_sign_in"),
    path("sign-in/passkey/", sign_in.passkey_sign_in, name="mfa_login_webauthn"),
    path("sign-in/second-factor/", sign_in.second_factor, name="mfa_authenticate"),
    path("sign-in/with/<slug:provider_id>/", work_accounts.begin, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/back/", work_accounts.callback, name="openid_connect_callback"),
    path("sign-in/forgotten-password/", sign_in.forgotten_password, name="account_reset_password"),
    path("sign-in/forgotten-password/sent/", sign_in.link_sent, name="account_reset_password_done"),
    path(
        "sign-in/forgotten-password/<account_id:uidb36>-<str:key>/",
        sign_in.new_password,
        name="account_reset_password_from_key",
    ),
    path("sign-in/forgotten-password/saved/", sign_in.password_saved, name="account_reset_password_from_key_done"),
    path("sign-in/closed/", sign_in.closed, name="account_inactive"),
    path("sign-out/", signed_in(without_second_factor(sign_in.sign_out), proxy=Proxy.DO), name="account_logout"),
    path("account/", own.account, name="account"),
    path("account/confirm/", confirm.confirm, name="confirm"),
    path("account/password/", own.password, name="password"),
    path("account/password/remove/", own.remove_password, name="remove_password"),
    path("account/second-factor/", factors.choose, name="second_factor"),
    path("account/app/", factors.add_app, name="mfa_activate_totp"),
    path("account/app/remove/", factors.remove_app, name="mfa_deactivate_totp"),
    path("account/passkeys/new/", factors.add_passkey, name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/remove/", factors.remove_passkey, name="mfa_remove_webauthn"),
    path("account/recovery-codes/", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("account/recovery-codes/download/", factors.download_recovery_codes, name="download_recovery_codes"),
    path("account/signed-in/others/end/", own.end_other_sign_ins, name="end_other_sign_ins"),
    path("account/signed-in/<int:pk>/end/", own.end_sign_in, name="end_sign_in"),
    path("account/work-accounts/<slug:key>/link/", work_accounts.link, name="link_work_account"),
    path("account/work-accounts/<int:pk>/unlink/", work_accounts.unlink, name="unlink_work_account"),
    path("system/sign-in/", providers.providers, name="providers"),
    path("system/sign-in/new/", providers.new_provider, name="new_provider"),
    path("system/sign-in/<int:pk>/", providers.provider, name="provider"),
    path("access-roles/", grants.access_roles, name="access_roles"),
    path("access-roles/find/", grants.find, name="find_person"),
    path("access-roles/give/<int:pk>/", grants.give, name="give_access_role"),
    path("access-roles/second-factor/<int:pk>/reset/", lost_factors.reset, name="reset_second_factor"),
    path("access-roles/why/", why.why, name="why"),
    path("access-roles/<int:pk>/", grants.access_role, name="access_role"),
    path("access-roles/<int:pk>/end/", grants.end, name="end_access_role"),
    path("acting/as/<int:pk>/", acting.act_as, name="act_as"),
    path("acting/stop/", acting.stop, name="stop_acting"),
    path("what-happened/", events.events, name="events"),
]
