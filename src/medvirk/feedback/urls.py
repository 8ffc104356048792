from django.urls import path

from medvirk.feedback import reliability_views, views

app_name = "feedback"
urlpatterns = [
    path("", views.my_citizens, name="my_citizens"),
    path("citizens/<uuid:citizen_id>/start/", views.start_episode, name="start_episode"),
    path("episodes/<uuid:episode_id>/", views.episode, name="episode"),
    path("episodes/<uuid:episode_id>/plan/", views.plan_session, name="plan_session"),
    path("episodes/<uuid:episode_id>/end/", views.end_episode, name="end_episode"),
    path("episodes/<uuid:episode_id>/reopen/", views.reopen_episode, name="reopen_episode"),
    path("sessions/<uuid:session_id>/", views.conversation, name="conversation"),
    path("sessions/<uuid:session_id>/news/", views.news, name="news"),
    path("sessions/<uuid:session_id>/arrived/", views.arrived, name="arrived"),
    path("sessions/<uuid:session_id>/phone/<slug:moment>/", views.phone, name="phone"),
    path("sessions/<uuid:session_id>/screen/<slug:moment>/", views.screen, name="screen"),
    path("sessions/<uuid:session_id>/change/", views.note_change, name="note_change"),
    path("sessions/<uuid:session_id>/restore/", views.restore_session, name="restore_session"),
    path("sessions/<uuid:session_id>/cancel/", views.cancel_session, name="cancel_session"),
    path("measuring/", reliability_views.measuring_list, name="measuring_list"),
    path(
        "measuring/<slug:instrument_key>/<int:version>/",
        reliability_views.measuring_page,
        name="measuring_page",
    ),
]
