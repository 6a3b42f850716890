from django.urls import path

from courses.views import bookings, catalogue, certificates, registers, report_supply, reports

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
    path("reports/training/", reports.training, name="training_report"),
    path("reports/training/people/", reports.people, name="training_report_people"),
    path("reports/training/people/download/<str:file_format>/", reports.people_download, name="training_people_file"),
    path("reports/training/download/<str:file_format>/", reports.download, name="training_report_download"),
    path("reports/training/demand/", report_supply.demand, name="demand_report"),
    path("reports/training/trainers/", report_supply.trainers, name="trainers_report"),
    path("reports/training/letters/", report_supply.letters, name="agency_letters"),
    path("reports/training/letters/<int:pk>/<int:year>/", report_supply.letter, name="agency_letter"),
]
