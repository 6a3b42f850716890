from django.urls import path

from courses.views import bookings, catalogue, certificates, registers

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
]
