from django.urls import path

from evaluation.views import follow_ups, papers, retention, runs

urlpatterns = [
    path("runs/<int:pk>/", runs.run, name="run"),
    path("follow-ups/<str:token>/", follow_ups.follow_up, name="follow_up"),
    path("retention/", retention.table, name="retention"),
    path("retention/people/", retention.people, name="retention_people"),
    path("retention/papers/<int:pk>/", papers.paper, name="paper"),
    path("retention/download/<str:file_format>/", retention.download, name="retention_download"),
]
