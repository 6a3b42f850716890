from django.urls import path

from academy.tryout import views

urlpatterns = [
    path("", views.people, name="tryout_people"),
    path("sign-in/<int:pk>/", views.sign_in, name="tryout_sign_in"),
    path("mailbox/", views.mailbox, name="tryout_mailbox"),
    path("mailbox/<int:pk>/", views.letter, name="tryout_letter"),
    path("clock/", views.clock_page, name="tryout_clock"),
]
