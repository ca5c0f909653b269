"""Addresses of people and teams."""

from __future__ import annotations

from django.urls import path

from ringbook.desk.people.roles import Right
from ringbook.web.guard import needs
from ringbook.web.pages.people import teams, views

manager = needs(Right.MANAGE_PEOPLE)

urlpatterns = [
    path("settings/people/", manager(views.people), name="settings-people"),
    path("settings/people/add/", manager(views.invite), name="person-add"),
    path("settings/people/teams/", manager(teams.teams), name="settings-teams"),
    path("settings/people/teams/add/", manager(teams.team), name="team-add"),
    path("settings/people/teams/<uuid:team_id>/", manager(teams.team), name="team"),
    path("settings/people/teams/<uuid:team_id>/remove/", manager(teams.remove), name="team-remove"),
    path("settings/people/<uuid:person_id>/", manager(views.person), name="person"),
    path("settings/people/<uuid:person_id>/link/", manager(views.new_link), name="person-link"),
    path(
        "settings/people/<uuid:person_id>/sign-out/", manager(views.end_sessions), name="person-sessions-end"
    ),
    path(
        "settings/people/<uuid:person_id>/second-factor/remove/",
        manager(views.forget_second_factor),
        name="person-second-factor-remove",
    ),
    path("settings/people/<uuid:person_id>/switch/<str:to>/", manager(views.switch), name="person-switch"),
]
