"""The list of all pages, in the states worth a look, each for those who may open it; and what people get wrong on them.

The list cannot fall behind: `unlisted` compares it with the URL configuration, and a page's own declaration says who
may open it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from partners.permissions import ALLOWED, AccessRole
from tests.test_architecture import access, every_pattern

VISITOR = "visitor"  # signed out
ASKED = "visitor who asked for a code"
ASKS = "visitor who asks to be added"
SHOWN = "visitor who has typed the code to be added"
WAITS = "visitor who waits to be added"
HALFWAY = "visitor who owes a second factor"
NEWCOMER = "newcomer"  # a learner with nothing to see yet
ACTING = "administrator who acts as a learner"
AT_A_SESSION = "learner who has scanned the code of a session"
EVERYONE = [VISITOR, *AccessRole]
SIGNED_IN = frozenset(AccessRole)

NO_PAGE = {  # named URLs that show no page of ours
    "brand_css": "a style sheet",
    "health": "for machines",
    "ready": "for machines",
    "certificate_pdf": "a file",
    "evidence": "a file",
    "calendar_feed": "for calendar programs",
    "paper": "a file",
    "retention_download": "a file",
    "training_people_file": "a file",
    "training_report_download": "a file",
    "agency_letter": "a file",
    "send_again": "takes a button's press",
    "tryout_sign_in": "takes a button's press",
    "stop_acting": "takes a button's press",
    "take_register": "leads to the register",
    "answer_offer": "takes a button's press",
    "delegates": "a file",
    "take_free": "takes a button's press",
    "end_interest": "takes a button's press",
    "invoice": "a file",
    "sign_in_sheet": "a file",
    "newcomer": "leads to adding somebody",
    "close_hosting": "takes a button's press",
    "import_empty": "a file",
    "import_to_fix": "a file",
    "import_columns": "takes a button's press",
    "import_decide": "takes a button's press",
    "import_confirm": "takes a button's press",
    "import_cancel": "takes a button's press",
    "invite": "takes a button's press",
    "forget_about_you": "takes a button's press",
    "end_deputy": "takes a button's press",
    "close_team": "takes a button's press",
    "open_team": "takes a button's press",
    "tell_apart": "takes a button's press",
    "mfa_login_webauthn": "a script's own, and leads to the way in",
    "openid_connect_login": "leads to an organisation",
    "link_work_account": "leads to an organisation",
    "download_recovery_codes": "a file",
    "publish_course": "takes a button's press",
    "copy_course": "takes a button's press",
    "publish_run": "takes a button's press",
}


@dataclass(frozen=True)
class Scene:
    """A page in some state. Braces in its address stand for things of the world, or of the person who opens it."""

    page: str  # the name of its URL
    address: str
    what: str = ""  # the state it is in, where the page has several
    only: frozenset[str] = frozenset()  # who sees this state; empty means everyone who may open the page
    status: int = 200

    def __str__(self) -> str:
        return f"{self.page} ({self.what})" if self.what else self.page

    @property
    def seen_by(self) -> list[str]:
        """Access roles that may open it, as its view declares."""
        others = (ASKED, ASKS, SHOWN, WAITS, HALFWAY, NEWCOMER, ACTING, AT_A_SESSION)
        return [who for who in (*EVERYONE, *others) if who in (self.only or may_open(self.page))]


def only(*who: str) -> frozenset[str]:
    return frozenset(who)


SCENES = [
    Scene("home", "/", only=SIGNED_IN),
    Scene("home", "/", "nothing to do", only(NEWCOMER)),
    Scene("people", "/people/"),
    Scene("people", "/people/?q=zzz", "nobody", only("manager")),
    Scene("people", "/people/?refused=1", "mail refused", only("coordinator")),
    Scene("people", "/people/?page=2", "the second page", only("lead")),
    Scene("person", "/people/{employee}/"),
    Scene("add_person", "/people/add/"),
    Scene("change_person", "/people/{employee}/change/"),
    Scene("add_post", "/people/{employee}/posts/add/"),
    Scene("end_post", "/people/posts/{post}/end/"),
    Scene("deputies", "/people/deputies/"),
    Scene("duplicates", "/people/duplicates/"),
    Scene("merge", "/people/{twin}/merge/{other_twin}/"),
    Scene("merge_undo", "/people/merges/{merge}/undo/"),
    Scene("agencies", "/agencies/"),
    Scene("agencies", "/agencies/?q=zzz", "none", only("lead")),
    Scene("agency", "/agencies/{agency}/"),
    Scene("agency", "/agencies/{bare_agency}/", "with nothing", only("lead")),
    Scene("add_agency", "/agencies/add/"),
    Scene("change_agency", "/agencies/{agency}/change/"),
    Scene("add_team", "/agencies/{agency}/teams/add/"),
    Scene("change_team", "/agencies/teams/{team}/change/"),
    Scene("sign_ups", "/people/asking/"),
    Scene("sign_up_asked", "/people/asking/{asking}/"),
    Scene("sign_up_asked", "/people/asking/{declined}/", "declined", only("coordinator")),
    Scene("sign_up_known", "/people/asking/{asking}/known/"),
    Scene("sign_up_known", "/people/asking/{asking}/known/?q=example", "people found", only("coordinator")),
    Scene("decline_sign_up", "/people/asking/{asking}/decline/"),
    Scene("people", "/people/?agency={agency}", "of an agency", only("lead")),
    Scene("about_you", "/about-you/"),
    Scene("imports", "/people/import/"),
    Scene("import", "/people/import/{matching}/", "columns to match"),
    Scene("import", "/people/import/{checked}/", "to decide", only("coordinator")),
    Scene("import", "/people/import/{checked}/?show=missing", "who is missing", only("coordinator")),
    Scene("import", "/people/import/{imported}/", "taken in", only("coordinator")),
    Scene("import", "/people/import/{refused}/", "refused", only("coordinator")),
    Scene("import", "/people/import/{cancelled}/", "cancelled", only("coordinator")),
    Scene("import", "/people/import/{reading}/", "running", only("coordinator")),
    Scene("import_undo", "/people/import/{imported}/undo/"),
    Scene("system", "/system/"),
    Scene("access_roles", "/access-roles/"),
    Scene("access_roles", "/access-roles/?access_role=lead&q=zzz&ended=1", "nothing found", only("administrator")),
    Scene("find_person", "/access-roles/find/"),
    Scene("find_person", "/access-roles/find/?q=example", "people found", only("administrator")),
    Scene("find_person", "/access-roles/find/?q=zzz", "nobody", only("administrator")),
    Scene("give_access_role", "/access-roles/give/{somebody}/"),
    Scene("give_access_role", "/access-roles/give/{oneself}/", "to oneself", only("administrator")),
    Scene("access_role", "/access-roles/{grant}/"),
    Scene("access_role", "/access-roles/{ended}/", "ended", only("administrator")),
    Scene("end_access_role", "/access-roles/{grant}/end/"),
    Scene("act_as", "/acting/as/{somebody}/"),
    Scene("act_as", "/acting/as/{higher}/", "refused", only("administrator")),
    Scene("reset_second_factor", "/access-roles/second-factor/{oneself}/reset/", "one's own"),
    Scene("reset_second_factor", "/access-roles/second-factor/{locked_out}/reset/", only=only("administrator")),
    Scene("why", "/access-roles/why/"),
    Scene(
        "why",
        "/access-roles/why/?viewer={higher}&person={somebody}&address=/runs/{open}/",
        "told",
        only("administrator"),
    ),
    Scene("why", "/access-roles/why/?viewer=example&person=zzz&address=zzz", "with errors", only("administrator")),
    Scene("events", "/what-happened/"),
    Scene("events", "/what-happened/?person={somebody}", "of a person", only("administrator")),
    Scene("events", "/what-happened/?q=example", "several people", only("administrator")),
    Scene("events", "/what-happened/?last=2000-01-01", "nothing", only("administrator")),
    Scene("home", "/", "acting", only(ACTING)),
    Scene("bookings", "/bookings/", "acting", only(ACTING)),
    Scene("follow_up", "/follow-ups/{to_answer}/", "acting, refused", only(ACTING), 403),
    Scene("account_login", "/sign-in/", only=only(VISITOR)),
    Scene("account_request_login_code", "/sign-in/?next=/bookings/", "on the way", only(VISITOR)),
    Scene("account_confirm_login_code", "/sign-in/code/", only=only(ASKED)),
    Scene("password_sign_in", "/sign-in/password/?next=/bookings/", only=only(VISITOR)),
    Scene("sign_up", "/sign-in/new/", only=only(VISITOR)),
    Scene("sign_up_code", "/sign-in/new/code/", only=only(ASKS)),
    Scene("sign_up_about", "/sign-in/new/about-you/", only=only(SHOWN)),
    Scene("sign_up_about", "/sign-in/new/about-you/", "waiting", only(WAITS)),
    Scene("mfa_authenticate", "/sign-in/second-factor/", only=only(HALFWAY)),
    Scene("account_reset_password", "/sign-in/forgotten-password/", only=only(VISITOR)),
    Scene("account_reset_password_done", "/sign-in/forgotten-password/sent/", only=only(VISITOR)),
    Scene(
        "account_reset_password_from_key",
        "/sign-in/forgotten-password/1-a-b/",
        "that no longer works",
        only(VISITOR),
        404,
    ),
    Scene("account_reset_password_from_key_done", "/sign-in/forgotten-password/saved/", only=only(VISITOR)),
    Scene("openid_connect_callback", "/sign-in/with/larkshire/back/", "refused", only(VISITOR), 403),
    Scene("account", "/account/"),
    Scene("account", "/account/", "with everything", only(NEWCOMER)),
    Scene("confirm", "/account/confirm/", only=only("learner")),
    Scene("confirm", "/account/confirm/", "with a second factor", only(NEWCOMER)),
    Scene("password", "/account/password/", only=only("learner")),
    Scene("remove_password", "/account/password/remove/", only=only("learner")),
    Scene("second_factor", "/account/second-factor/", only=only("learner", "lead")),
    Scene("mfa_activate_totp", "/account/app/", only=only("learner")),
    Scene("mfa_deactivate_totp", "/account/app/remove/", only=only(NEWCOMER)),
    Scene("mfa_add_webauthn", "/account/passkeys/new/", only=only("learner")),
    Scene("mfa_remove_webauthn", "/account/passkeys/{passkey}/remove/", only=only(NEWCOMER)),
    Scene("mfa_view_recovery_codes", "/account/recovery-codes/", only=only(NEWCOMER)),
    Scene("end_other_sign_ins", "/account/signed-in/others/end/", only=only("learner", NEWCOMER)),
    Scene("end_sign_in", "/account/signed-in/{sign_in}/end/", only=only(NEWCOMER)),
    Scene("unlink_work_account", "/account/work-accounts/{work_account}/unlink/", only=only(NEWCOMER)),
    Scene("providers", "/system/sign-in/"),
    Scene("new_provider", "/system/sign-in/new/"),
    Scene("provider", "/system/sign-in/{provider}/"),
    Scene("account_inactive", "/sign-in/closed/"),
    Scene("account_logout", "/sign-out/"),
    Scene("catalogue", "/courses/"),
    Scene("catalogue", "/courses/?q=neglect&kind=classroom&theme=neglect&places=1", "filtered", only("learner")),
    Scene("catalogue", "/courses/?q=zzz", "nothing found", only("learner")),
    Scene("catalogue", "/courses/?page=2", "the second page", only("learner")),
    Scene("catalogue", "/courses/?" + "a&" * 1001, "unreadable", only("learner"), 400),
    Scene("course", "/courses/{course}/"),
    Scene("course", "/courses/{undated}/", "without dates", only("learner")),
    Scene("course", "/courses/987654/", "not found", status=404),
    Scene("run", "/runs/{open}/"),
    Scene("run", "/runs/{booked_run}/", "with a place", only("learner")),
    Scene("run", "/runs/{queued_run}/", "in the queue", only("learner")),
    Scene("run", "/runs/{queued_run}/", "full", only(NEWCOMER)),
    Scene("run", "/runs/{coming}/", "taught", only("trainer")),
    Scene("run", "/runs/{closed}/", "with results", only("trainer", "lead", "director")),
    Scene("run", "/runs/{unasked}/", "before results", only("trainer")),
    Scene("run", "/runs/{closed}/", "ended", only("learner")),
    Scene("book", "/runs/{bookable}/book/"),
    Scene("book", "/runs/{queued_run}/book/", "the queue", only(NEWCOMER)),
    Scene("book", "/runs/{coming}/book/", "not allowed", only("trainer")),
    Scene("register", "/runs/{taught}/register/", only=only("trainer", "lead")),
    Scene("register", "/runs/{coming}/register/", "before the day", only("trainer")),
    Scene("register", "/runs/{closed}/register/", "closed", only("trainer")),
    Scene("register", "/runs/{unasked}/register/", "nobody booked", only("trainer")),
    Scene("bookings", "/bookings/"),
    Scene("bookings", "/bookings/", "none", only(NEWCOMER)),
    Scene("booking", "/bookings/{booked}/"),
    Scene("booking", "/bookings/{queued}/", "in the queue", only("learner")),
    Scene("booking", "/bookings/{given_up}/", "given up", only("learner")),
    Scene("booking", "/bookings/{employees}/", "an employee's", only("manager")),
    Scene("give_up", "/bookings/{booked}/give-up/"),
    Scene("give_up", "/bookings/{queued}/give-up/", "the queue", only("learner")),
    Scene("give_up", "/bookings/{costly}/give-up/", "late", only("learner")),
    Scene("booking", "/bookings/{offered}/", "a place held", only("learner")),
    Scene("booking", "/bookings/{costly}/", "waits for approval", only("learner")),
    Scene("book", "/runs/{with_fee}/book/", "a fee and questions", only("learner")),
    Scene("book", "/runs/{open}/book/", "another date is booked", only("learner")),
    Scene("told", "/bookings/{booked}/told/"),
    Scene("told", "/bookings/{costly}/told/", "questions", only("learner")),
    Scene("swap", "/bookings/{booked}/swap/"),
    Scene("hand_over", "/bookings/{booked}/hand-over/", only=SIGNED_IN),
    Scene("approvals", "/approvals/"),
    Scene("approval", "/approvals/{approval}/"),
    Scene("charges", "/charges/"),
    Scene("waive", "/charges/{charge}/waive/"),
    Scene("policies", "/charges/agreed/"),
    Scene("policy", "/charges/agreed/school/"),
    Scene("interest", "/courses/{course}/interest/"),
    Scene("book_for", "/runs/{open}/book-for-others/"),
    Scene("check_certificate", "/certificates/"),
    Scene("check_certificate", "/certificates/?number=LCW-0000", "with an error", only(VISITOR, "learner"), 404),
    Scene("certificate", "/certificates/{certificate}/"),
    Scene("certificate", "/certificates/{withdrawn}/", "withdrawn", only(VISITOR)),
    Scene("certificate", "/certificates/LCW-0000/", "not found", only(VISITOR), 404),
    Scene("certificate", "/certificates/{former}/", "replaced", only(VISITOR)),
    Scene("reissue_certificate", "/certificates/{certificate_number}/reissue/"),
    Scene("reissue_certificate", "/certificates/{renamed}/reissue/", "in a new name", only("lead")),
    Scene("revoke_certificate", "/certificates/{certificate}/revoke/"),
    Scene("revoke_certificate", "/certificates/{withdrawn}/revoke/", "revoked", only("lead")),
    Scene("record", "/record/"),
    Scene("record", "/record/", "nothing", only(NEWCOMER)),
    Scene("record", "/record/?count=registration&year=2026", "the registration year", only("learner")),
    Scene("record_of", "/people/{employee}/record/"),
    Scene("learning", "/record/{learning}/"),
    Scene("learning", "/record/{employees_learning}/", "an employee's", only("manager")),
    Scene("add_learning", "/record/add/"),
    Scene("change_learning", "/record/{learning}/change/"),
    Scene("delete_learning", "/record/{learning}/delete/"),
    Scene("social_work_record", "/record/social-work-england/"),
    Scene("social_work_record", "/record/social-work-england/", "nothing", only(NEWCOMER)),
    Scene("transcript", "/record/transcript/"),
    Scene("transcript", "/record/transcript/?first=2026-02-01&last=2026-01-01", "with an error", only("learner")),
    Scene("transcript_of", "/people/{employee}/record/transcript/"),
    Scene("own_calendar", "/record/calendar/"),
    Scene("own_calendar", "/record/calendar/", "without an address", only(NEWCOMER)),
    Scene("registers", "/registers/"),
    Scene("close_run", "/runs/{taught}/close/", "marks missing", only=only("trainer", "lead")),
    Scene("close_run", "/runs/{marked}/close/", "ready", only("trainer")),
    Scene("run_notes", "/runs/{taught}/notes/", only=only("trainer", "lead")),
    Scene("walk_in", "/runs/{today}/walk-in/", only=only("trainer", "lead")),
    Scene("run_message", "/runs/{coming}/message/", only=only("trainer", "lead")),
    Scene("run_message", "/runs/{taught}/message/", "sent before", only("trainer")),
    Scene("correct_register", "/runs/{closed}/correct/{closed_place}/", only=only("lead")),
    Scene("settle_newcomer", "/newcomers/{newcomer}/", only=only("lead")),
    Scene("register", "/runs/{today}/register/", "with a newcomer to settle", only("lead")),
    Scene("register", "/runs/{closed}/register/", "to correct", only("lead")),
    Scene("sign_in_code", "/runs/{today}/register/{today_session}/code/", only=only("trainer", "lead")),
    Scene("sign_in_code", "/runs/{coming}/register/{coming_session}/code/", "before the day", only("trainer")),
    Scene("register", "/runs/{today}/register/", "on the day", only("trainer")),
    Scene("here", "/here/"),
    Scene("here", "/here/", "at a session", only(AT_A_SESSION)),
    Scene("scan", "/here/K7F2QX/", status=404),
    Scene("hostings", "/shadowing-and-coaching/"),
    Scene("hostings", "/shadowing-and-coaching/?kind=coaching&area=Nowhere", "nothing found", only("learner")),
    Scene("hosting", "/shadowing-and-coaching/{hosting}/"),
    Scene("hosting", "/shadowing-and-coaching/{own_hosting}/", "one's own", only("learner")),
    Scene("offer_hosting", "/shadowing-and-coaching/offer/"),
    Scene("change_hosting", "/shadowing-and-coaching/{own_hosting}/change/", only=only("learner")),
    Scene("ask_hosting", "/shadowing-and-coaching/{hosting}/ask/"),
    Scene("visits", "/shadowing-and-coaching/own/"),
    Scene("visits", "/shadowing-and-coaching/own/", "none", only(NEWCOMER)),
    Scene("visit", "/visits/{visit}/", only=only("learner", "lead")),
    Scene("visit", "/visits/{visit_done}/", "with what was learnt", only("learner")),
    Scene("answer_visit", "/visits/{visit_to_answer}/answer/", only=only("learner")),
    Scene("approve_visit", "/visits/{employees_visit}/approve/", only=only("manager")),
    Scene("call_off_visit", "/visits/{visit}/call-off/", only=only("learner")),
    Scene("reflect", "/visits/{visit_over}/reflect/", only=only("learner")),
    Scene("join_session", "/sessions/{online_soon}/join/", only=only("learner")),
    Scene("join_session", "/sessions/{online_now}/join/", "open", only("learner")),
    Scene("join_session", "/sessions/{online_over}/join/", "recorded", only("learner")),
    Scene("recording", "/runs/{unasked}/recording/", only=only("trainer", "lead")),
    Scene("course", "/courses/{full}/", "with all its facts", only("learner")),
    Scene("course", "/courses/{full}/", "that one keeps", only("lead")),
    Scene("catalogue", "/courses/?q=neglekt", "a word put right", only("learner")),
    Scene("catalogue", "/courses/?near=1&day=1&area=Saltmarsh&level=advanced", "near me", only("learner")),
    Scene("catalogue", "/courses/?near=1", "near me, unsaid", only(NEWCOMER)),
    Scene("catalogue_month", "/courses/calendar/?month=2026-12"),
    Scene("catalogue_month", "/courses/calendar/?month=2030-01", "nothing", only("learner")),
    Scene("catalogue_themes", "/courses/by-theme/"),
    Scene("catalogue_themes", "/courses/by-theme/?q=zzz", "nothing found", only("learner")),
    Scene("habits", "/courses/near-me/"),
    Scene("planning", "/planning/"),
    Scene("planning", "/planning/?state=full&state=draft&state=cancelled&state=completed", "by state", only("lead")),
    Scene("planning", "/planning/?course={course}&state=published", "of a course", only("lead")),
    Scene("planning", "/planning/?q=zzz", "nothing found", only("lead")),
    Scene("planned_run", "/planning/runs/{open}/", only=only("lead")),
    Scene("planned_run", "/planning/runs/{drafted}/", "a draft with a clash", only("lead")),
    Scene("planned_run", "/planning/runs/{called_off}/", "cancelled", only("lead")),
    Scene("change_run", "/planning/runs/{drafted}/change/", only=only("lead")),
    Scene("move_run", "/planning/runs/{open}/move/", only=only("lead")),
    Scene("move_run", "/planning/runs/{drafted}/move/", "a draft", only("lead")),
    Scene("cancel_run", "/planning/runs/{queued_run}/cancel/", only=only("lead")),
    Scene("publish_runs", "/planning/publish/"),
    Scene("publish_runs", "/planning/publish/?q=zzz", "nothing found", only("lead")),
    Scene("copy_runs", "/planning/copy/"),
    Scene("copy_runs", "/planning/copy/?first=2026-01-01&last=2026-12-31&weeks=52", "what it makes", only("lead")),
    Scene("copy_runs", "/planning/copy/?run={open}", "one run", only("lead")),
    Scene("copy_runs", "/planning/copy/?course={course}&first=x", "with errors", only("lead")),
    Scene("planned_courses", "/planning/courses/"),
    Scene("planned_courses", "/planning/courses/?state=review&state=hidden", "by state", only("lead")),
    Scene("planned_courses", "/planning/courses/?q=zzz", "nothing found", only("lead")),
    Scene("add_course", "/planning/courses/add/"),
    Scene("planned_course", "/planning/courses/{full}/", "with demand", only("lead")),
    Scene("planned_course", "/planning/courses/{course}/", only=only("lead")),
    Scene("planned_course", "/planning/courses/{unpublished}/", "not published", only("lead")),
    Scene("change_course", "/planning/courses/{full}/change/", only=only("lead")),
    Scene("course_questions", "/planning/courses/{full}/questions/", only=only("lead")),
    Scene("add_run", "/planning/courses/{course}/runs/add/", only=only("lead")),
    Scene("rooms", "/planning/rooms/"),
    Scene("add_room", "/planning/rooms/add/"),
    Scene("change_room", "/planning/rooms/{room}/"),
    Scene("wanted", "/planning/wanted/"),
    Scene("training_report", "/reports/training/"),
    Scene(
        "training_report", "/reports/training/?first=2026-08-01", "as far back as it goes", only("lead", "coordinator")
    ),
    Scene("training_report", "/reports/training/?first=2026-08-01&course={course}", "of one course", only("lead")),
    Scene("training_report", "/reports/training/?first=2015-01-01&last=2015-02-01", "nothing yet", only("director")),
    Scene("training_report", "/reports/training/?first=2026-08-01&last=2999-01-01", "with errors", only("director")),
    Scene("training_report", "/reports/training/?first=2026-08-01&by=agency", "by agency", only("lead", "coordinator")),
    Scene("training_report", "/reports/training/?first=2026-08-01&by=theme", "by theme", only("director")),
    Scene("training_report_people", "/reports/training/people/?figure=booked&first=2026-08-01"),
    Scene("training_report_people", "/reports/training/people/?figure=late", "none", only("lead")),
    Scene("demand_report", "/reports/training/demand/"),
    Scene("waiting", "/reports/training/demand/{full}/"),
    Scene("trainers_report", "/reports/training/trainers/"),
    Scene("agency_letters", "/reports/training/letters/"),
    Scene("cohorts", "/cohorts/"),
    Scene("cohort", "/cohorts/{cohort}/"),
    Scene("follow_up", "/follow-ups/{to_answer}/"),
    Scene("follow_up", "/follow-ups/{answered}/", "answered", only(VISITOR, "learner")),
    Scene("follow_up", "/follow-ups/{expired}/", "closed", only(VISITOR)),
    Scene("retention", "/retention/"),
    Scene("retention", "/retention/?moved=stayed", "the other curves", only("director")),
    Scene("retention", "/retention/?as_at=1990-01-01", "nothing yet", only("director")),
    Scene("retention", "/retention/?as_at=2999-01-01&known_at=x", "with errors", only("director")),
    Scene("retention_people", "/retention/people/?figure=in_post"),
    Scene("retention_people", "/retention/people/?figure=left&cohort={cohort}", "leavers", only("director")),
    Scene("retention_people", "/retention/people/?figure=nonsense", "not found", only("director"), 404),
    Scene("retention", "/retention/", "refused", only("learner", "trainer"), 403),
    Scene("help", "/help/"),
    Scene("account_signup", "/help/signing-in/"),
    Scene("accessibility", "/accessibility/"),
    Scene("privacy", "/privacy/"),
    Scene("how_long", "/privacy/how-long/"),
    Scene("cookies", "/privacy/cookies/"),
    Scene("everything", "/privacy/everything/"),
    Scene("privacy_desk", "/system/privacy/"),
    Scene("privacy_person", "/system/privacy/people/{leaver}/"),
    Scene("privacy_person", "/system/privacy/people/{held}/", "held", only("administrator")),
    Scene("everything_of", "/system/privacy/people/{leaver}/everything/"),
    Scene("erase", "/system/privacy/people/{leaver}/erase/"),
    Scene("erase", "/system/privacy/people/{held}/erase/", "held", only("administrator")),
    Scene("hold_person", "/system/privacy/people/{leaver}/hold/"),
    Scene("hold_agency", "/system/privacy/agencies/{agency}/hold/"),
    Scene("end_hold", "/system/privacy/holds/{hold}/end/"),
    Scene("tryout_people", "/try-out/"),
    Scene("tryout_mailbox", "/try-out/mailbox/"),
    Scene("tryout_mailbox", "/try-out/mailbox/?to=zzz", "empty", only(VISITOR)),
    Scene("tryout_letter", "/try-out/mailbox/{letter}/"),
    Scene("tryout_clock", "/try-out/clock/"),
]


@dataclass(frozen=True)
class Mistake:
    """Something that somebody gets wrong, and the words in which the page tells them."""

    who: str
    address: str
    make: Callable[[Page], None]
    told: str


def press(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=name).click()


def ask_for_too_much(page: Page) -> None:
    page.get_by_label("Do you need any adjustments?").fill("a" * 1001)
    press("Book a place")(page)


def write_too_much(page: Page) -> None:
    page.get_by_label("Notes", exact=True).fill("a" * 4001)
    press("Save the notes")(page)


def ask_for_days_to_come(page: Page) -> None:
    for label in ("As at", "As known at"):
        page.get_by_label(label, exact=True).fill("2999-01-01")
    press("Show")(page)


def ask_for_no_certificate(page: Page) -> None:
    page.get_by_label("Certificate number").fill("LCW-0000")
    press("Check")(page)


def name_a_child(page: Page) -> None:
    page.get_by_label("What did you learn?").fill("I saw it with a boy called Milo, case 1234567.")
    press("Save")(page)


def send_an_old_form(page: Page) -> None:
    page.evaluate("document.querySelector('.ac-header [name=csrfmiddlewaretoken]').value = 'old'")
    press("Sign out")(page)


def set_up_nothing(page: Page) -> None:
    page.get_by_label("E-mail domains it speaks for").fill("not a domain")
    press("Save")(page)


def give_nothing(page: Page) -> None:
    page.get_by_label("First day", exact=True).fill("")
    press("Give this access role")(page)


def add_nothing(page: Page) -> None:
    page.get_by_role("button", name="Save as a draft").click()


def take_a_room_that_is_taken(page: Page) -> None:
    for label, typed in (("Day", "2026-12-23"), ("Starts at", "9:30"), ("Ends at", "16:00"), ("Places", "30")):
        page.get_by_label(label, exact=True).first.fill(typed)
    page.get_by_label("Room", exact=True).first.select_option(index=1)
    add_nothing(page)


MISTAKES = {
    "no session": Mistake("lead", "/planning/courses/{course}/runs/add/", add_nothing, "at least one session"),
    "a clash": Mistake(
        "lead", "/planning/courses/{course}/runs/add/", take_a_room_that_is_taken, "This clashes with something"
    ),
    "no course": Mistake("lead", "/planning/courses/add/", press("Save"), "Enter the title"),
    "no room": Mistake("lead", "/planning/rooms/add/", press("Save"), "Enter the room’s name"),
    "no reason to cancel": Mistake(
        "lead", "/planning/runs/{queued_run}/cancel/", press("Cancel this run"), "Say why it is cancelled"
    ),
    "no password": Mistake(VISITOR, "/sign-in/password/", press("Sign in"), "Enter your password"),
    "no second factor": Mistake(HALFWAY, "/sign-in/second-factor/", press("Continue"), "Enter the code"),
    "no new password": Mistake("learner", "/account/password/", press("Save the password"), "Enter a password"),
    "no code of an app": Mistake("learner", "/account/app/", press("Turn it on"), "Enter the code that the app shows"),
    "no organisation": Mistake("administrator", "/system/sign-in/new/", set_up_nothing, "is no domain"),
    "no access role": Mistake("administrator", "/access-roles/give/{somebody}/", give_nothing, "Choose an access role"),
    "no day to end": Mistake("administrator", "/access-roles/{grant}/end/", press("End this access role"), "Say why"),
    "no reason to act": Mistake("administrator", "/acting/as/{somebody}/", press("See the academy as"), "Say why"),
    "no proof": Mistake(
        "administrator",
        "/access-roles/second-factor/{locked_out}/reset/",
        press("Reset the second factor"),
        "Say how you know",
    ),
    "no address": Mistake(VISITOR, "/sign-in/", press("Send me a code"), "Enter your work e-mail address"),
    "no address to be added with": Mistake(VISITOR, "/sign-in/new/", press("Send me a code"), "Enter your work e-mail"),
    "no code to be added": Mistake(ASKS, "/sign-in/new/code/", press("Continue"), "Enter the code"),
    "nobody who asks": Mistake(SHOWN, "/sign-in/new/about-you/", press("Ask to be added"), "Enter your first name"),
    "no first day": Mistake("coordinator", "/people/asking/{asking}/", press("Add this person"), "Enter the first day"),
    "no reason to decline": Mistake(
        "coordinator", "/people/asking/{asking}/decline/", press("Decline and tell them"), "Say why they are not added"
    ),
    "no agency": Mistake("lead", "/agencies/add/", press("Add this agency"), "Enter the name of the agency"),
    "no team": Mistake("coordinator", "/agencies/{agency}/teams/add/", press("Add this team"), "Enter the name of the"),
    "no code": Mistake(ASKED, "/sign-in/code/", press("Sign in"), "Enter the code from the e-mail"),
    "too many words": Mistake("learner", "/runs/{bookable}/book/", ask_for_too_much, "Use 1,000 characters or fewer"),
    "no answers": Mistake(VISITOR, "/follow-ups/{to_answer}/", press("Send my answers"), "There is a problem"),
    "days that cannot be": Mistake("director", "/retention/", ask_for_days_to_come, "has not come"),
    "nobody to add": Mistake("coordinator", "/people/add/", press("Add this person"), "Enter the first name"),
    "no last day": Mistake("lead", "/people/posts/{post}/end/", press("Record the last day"), "Enter the last day"),
    "no reason to merge": Mistake(
        "lead", "/people/{twin}/merge/{other_twin}/", press("Make them one record"), "Say how you know"
    ),
    "no title": Mistake("learner", "/shadowing-and-coaching/offer/", press("Offer it"), "Enter a title"),
    "no hopes": Mistake("learner", "/shadowing-and-coaching/{hosting}/ask/", press("Ask"), "Say what you hope"),
    "no answer": Mistake("learner", "/visits/{visit_to_answer}/answer/", press("Send my answer"), "Choose yes or no"),
    "no link": Mistake("trainer", "/runs/{unasked}/recording/", press("Save"), "Enter the link"),
    "no file": Mistake("coordinator", "/people/import/", press("Send the file"), "Choose a file"),
    "nothing decided": Mistake("coordinator", "/people/import/{checked}/", press("Check again"), "Choose whether"),
    "no reason to erase": Mistake(
        "administrator", "/system/privacy/people/{leaver}/erase/", press("Erase this person"), "Say why they are erased"
    ),
    "no reason to hold": Mistake(
        "administrator",
        "/system/privacy/people/{leaver}/hold/",
        press("Place the hold"),
        "Say why nothing must be erased",
    ),
    "nobody asked": Mistake(
        "administrator", "/system/privacy/people/{leaver}/everything/", press("Make the archive"), "Say who asked"
    ),
    "nobody to look for": Mistake(
        "trainer", "/runs/{today}/walk-in/", press("Find them"), "Enter their work e-mail address, or"
    ),
    "nobody who came": Mistake("trainer", "/runs/{today}/walk-in/", press("Write them down"), "Enter where they work"),
    "no message": Mistake("trainer", "/runs/{coming}/message/", press("Go on"), "Write your message"),
    "no reason to correct": Mistake(
        "lead", "/runs/{closed}/correct/{closed_place}/", press("Correct the register"), "Say why it is changed"
    ),
    "nobody to settle": Mistake("lead", "/newcomers/{newcomer}/", press("This is who came"), "Enter their work e-mail"),
    "too many notes": Mistake("trainer", "/runs/{taught}/notes/", write_too_much, "Use 4,000 characters or fewer"),
    "nothing learnt": Mistake("learner", "/record/add/", press("Save"), "Choose the type of learning"),
    "a child named": Mistake("learner", "/record/add/", name_a_child, "could tell who a child or a family is"),
    "no reason to revoke": Mistake(
        "lead", "/certificates/{certificate}/revoke/", press("Revoke this certificate"), "Say why it is revoked"
    ),
    "a wrong number": Mistake(VISITOR, "/certificates/", ask_for_no_certificate, "We issued no certificate"),
}
OLD_FORM = Mistake("learner", "/bookings/", send_an_old_form, "Your session timed out")


def may_open(page: str) -> list[str]:
    """Who may open the page of that name, as its view declares: one of EVERYONE."""
    declared = {pattern.name: access(pattern) for _, pattern in every_pattern()}[page]
    if declared in ("public", "signed in"):
        return EVERYONE if declared == "public" else list(AccessRole)
    return [role for role in AccessRole if role in ALLOWED[declared]]


def unlisted(patterns=None) -> set[str]:
    """Routes of the site that are neither shown in any scene nor said to be no page."""
    shown = {scene.page for scene in SCENES}
    return {route for route, pattern in every_pattern(patterns) if pattern.name not in shown | NO_PAGE.keys()}
