from django.urls import path

from medvirk.feedback.views import courses, measuring, own, tablet

app_name = "feedback"
urlpatterns = [
    path("", courses.my_citizens, name="my_citizens"),
    path("citizens/<uuid:citizen_id>/start/", courses.start_episode, name="start_episode"),
    path("episodes/<uuid:episode_id>/", courses.episode, name="episode"),
    path("episodes/<uuid:episode_id>/plan/", courses.plan_session, name="plan_session"),
    path("episodes/<uuid:episode_id>/end/", courses.end_episode, name="end_episode"),
    path("episodes/<uuid:episode_id>/reopen/", courses.reopen_episode, name="reopen_episode"),
    path("sessions/<uuid:session_id>/", courses.conversation, name="conversation"),
    path("sessions/<uuid:session_id>/news/", courses.news, name="news"),
    path("sessions/<uuid:session_id>/arrived/", courses.arrived, name="arrived"),
    path("sessions/<uuid:session_id>/phone/<slug:moment>/", courses.phone, name="phone"),
    path("sessions/<uuid:session_id>/screen/<slug:moment>/", courses.screen, name="screen"),
    path("sessions/<uuid:session_id>/tablet/<slug:moment>/", tablet.tablet, name="tablet"),
    path("sessions/<uuid:session_id>/change/", courses.note_change, name="note_change"),
    path("sessions/<uuid:session_id>/restore/", courses.restore_session, name="restore_session"),
    path("sessions/<uuid:session_id>/cancel/", courses.cancel_session, name="cancel_session"),
    path("own/<uuid:citizen_id>/", own.course, name="own_course"),
    path("own/<uuid:citizen_id>/<uuid:episode_id>/", own.course, name="own_episode"),
    path("measuring/", measuring.measuring_list, name="measuring_list"),
    path(
        "measuring/<slug:instrument_key>/<int:version>/",
        measuring.measuring_page,
        name="measuring_page",
    ),
]
