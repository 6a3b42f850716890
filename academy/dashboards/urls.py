from django.urls import path

from academy.dashboards import people, system, views

urlpatterns = [
    path("", views.home, name="home"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
    path("system/", system.system, name="system"),
    path("system/messages/<int:pk>/send-again/", system.send_again, name="send_again"),
]
