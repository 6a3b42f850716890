from django.urls import path

from academy.dashboards import system, views

urlpatterns = [
    path("", views.home, name="home"),
    path("people/", views.people, name="people"),
    path("system/", system.system, name="system"),
    path("system/messages/<int:pk>/send-again/", system.send_again, name="send_again"),
]
