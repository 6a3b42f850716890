from django.urls import path

from academy.dashboards import views

urlpatterns = [
    path("", views.home, name="home"),
    path("people/", views.people, name="people"),
]
