from django.urls import path

from academy.privacy.views import desk, notices, own

urlpatterns = [
    path("privacy/", notices.notice, name="privacy"),
    path("privacy/how-long/", notices.how_long, name="how_long"),
    path("privacy/cookies/", notices.cookie_page, name="cookies"),
    path("privacy/everything/", own.everything, name="everything"),
    path("system/privacy/", desk.desk, name="privacy_desk"),
    path("system/privacy/people/<int:pk>/", desk.person, name="privacy_person"),
    path("system/privacy/people/<int:pk>/everything/", desk.everything, name="everything_of"),
    path("system/privacy/people/<int:pk>/erase/", desk.erase, name="erase"),
    path("system/privacy/people/<int:pk>/hold/", desk.hold_person, name="hold_person"),
    path("system/privacy/agencies/<int:pk>/hold/", desk.hold_agency, name="hold_agency"),
    path("system/privacy/holds/<int:pk>/end/", desk.end_hold, name="end_hold"),
]
