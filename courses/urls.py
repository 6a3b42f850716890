from django.urls import path

from courses.views import bookings, catalogue, certificates, registers, signing_in, the_day

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
    path("registers/", registers.registers, name="registers"),
    # The day
    path("runs/<int:pk>/register/<int:session_pk>/sheet/", registers.sheet, name="sign_in_sheet"),
    path("runs/<int:pk>/register/<int:session_pk>/code/", signing_in.code, name="sign_in_code"),
    path("runs/<int:pk>/notes/", registers.notes, name="run_notes"),
    path("runs/<int:pk>/walk-in/", the_day.walk_in, name="walk_in"),
    path("runs/<int:pk>/newcomer/", the_day.newcomer, name="newcomer"),
    path("runs/<int:pk>/message/", the_day.message, name="run_message"),
    path("runs/<int:pk>/correct/<int:place>/", the_day.correct, name="correct_register"),
    path("newcomers/<int:pk>/", the_day.settle, name="settle_newcomer"),
    path("here/", signing_in.here, name="here"),
    path("here/<slug:typed>/", signing_in.scan, name="scan"),
]
