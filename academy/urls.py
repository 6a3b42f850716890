"""The site map."""

from django.conf import settings
from django.urls import include, path

from academy import views

urlpatterns = [
    path("", include("academy.dashboards.urls")),
    path("", include("partners.urls")),
    path("", include("courses.urls")),
    path("", include("cohorts.urls")),
    path("", include("evaluation.urls")),
    path("", include("academy.privacy.urls")),
    path("brand.css", views.brand_css, name="brand_css"),
    path("health/", views.health, name="health"),
    path("health/ready/", views.ready, name="ready"),
    path("help/", views.help_page, name="help"),
    path("help/signing-in/", views.help_page, name="account_signup"),  # allauth's mail to unknown addresses links it
    path("accessibility/", views.accessibility, name="accessibility"),
]
if settings.TRY_OUT:
    urlpatterns.append(path("try-out/", include("academy.tryout.urls")))
