from django.urls import path

from courses.views import bookings, calendars, catalogue, certificates, records, registers

urlpatterns = [
    path("courses/", catalogue.catalogue, name="catalogue"),
    path("courses/<int:pk>/", catalogue.course, name="course"),
    path("runs/<int:pk>/book/", bookings.book, name="book"),
    path("runs/<int:pk>/register/", registers.register, name="register"),
    path("runs/<int:pk>/register/<int:session_pk>/", registers.take, name="take_register"),
    path("runs/<int:pk>/close/", registers.close, name="close_run"),
    path("bookings/", bookings.own, name="bookings"),
    path("bookings/<slug:reference>/", bookings.booking, name="booking"),
    path("bookings/<slug:reference>/give-up/", bookings.give_up, name="give_up"),
    path("certificates/", certificates.check, name="check_certificate"),
    path("certificates/<slug:number>/", certificates.certificate, name="certificate"),
    path("certificates/<slug:number>/pdf/", certificates.paper, name="certificate_pdf"),
    path("certificates/<slug:number>/reissue/", certificates.reissue, name="reissue_certificate"),
    path("certificates/<slug:number>/revoke/", certificates.revoke, name="revoke_certificate"),
    path("record/", records.own, name="record"),
    path("record/add/", records.add, name="add_learning"),
    path("record/<int:pk>/", records.one, name="learning"),
    path("record/<int:pk>/change/", records.change, name="change_learning"),
    path("record/<int:pk>/delete/", records.delete, name="delete_learning"),
    path("record/<int:pk>/evidence/", records.evidence, name="evidence"),
    path("record/social-work-england/", records.social_work, name="social_work_record"),
    path("record/transcript/", records.transcript, name="transcript"),
    path("record/calendar/", calendars.own, name="own_calendar"),
    path("people/<int:pk>/record/", records.of, name="record_of"),
    path("people/<int:pk>/record/transcript/", records.transcript_of, name="transcript_of"),
    path("calendar/<str:token>.ics", calendars.feed, name="calendar_feed"),
    path("registers/", registers.registers, name="registers"),
]
