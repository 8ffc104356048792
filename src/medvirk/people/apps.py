from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "medvirk.people"
    label = "people"

    def ready(self) -> None:
        from medvirk.people import own_pages

        self._follow_over_time()
        own_pages.register()
        self._keep_the_log()
        self._share_and_close()
        self._let_go()
        from medvirk.people.access import Permission
        from medvirk.people.hooks import NoticeKind, PersonPanel, register_notice_kind, register_person_panel
        from medvirk.people.queries.consents import panel_context
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        for label, address, order, permission in (
            (_("Find a citizen"), "people:find", 20, Permission.REGISTER_CITIZENS),
            (_("Shared with me"), "people:shared_list", 10, Permission.SEE_SHARED),
            (_("Emergency access"), "people:emergencies", 60, Permission.REVIEW_EMERGENCY),
            (_("Registered deaths"), "people:deaths", 65, Permission.LEAD_TEAM),
            (_("What people agree to"), "people:consent_texts", 86, Permission.EDIT_TEXTS),
            (_("Staff"), "people:staff_list", 40, Permission.MANAGE_STAFF),
            (_("Units"), "people:units", 45, Permission.MANAGE_UNITS),
        ):
            register_menu_entry(MenuEntry(label, address, order, permission))
        register_person_panel(PersonPanel("people/_consents_panel.html", panel_context, order=60))
        register_notice_kind(
            NoticeKind(
                code="people.emergency_access",
                subject=_("Emergency access was used in your unit"),
                text=_("Somebody used emergency access in your unit. Sign in to see who, when and why."),
                url_name="people:emergencies",
            )
        )

    def _follow_over_time(self) -> None:
        """How this room's rows follow units and persons over time."""
        from datetime import timedelta

        from medvirk.people.access import Permission
        from medvirk.people.actions.merging import MERGE_RULES
        from medvirk.people.actions.succession import carry_on, show_todays_structure
        from medvirk.people.actions.succession.rows import GRANTS, RELATIONS
        from medvirk.people.duties import register_duty
        from medvirk.people.following import Tally, register_merge_rule, register_tally, register_unit_move
        from medvirk.people.hooks import register_part_name
        from medvirk.people.queries.merging import merges_here, relation_tally
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_menu_entry(
            MenuEntry(
                _("Registered twice"), "people:duplicates", 50, Permission.MERGE_PERSONS, shown=merges_here
            )
        )
        register_tally(Tally(_("relations to workers and teams"), relation_tally))
        register_unit_move(GRANTS)
        register_unit_move(RELATIONS)
        for field, rule in MERGE_RULES.items():
            register_merge_rule(field, rule)
        register_part_name("people.merge", _("name, contact and how much is registered"))
        every = timedelta(minutes=10)
        register_duty(
            "people.todays_structure",
            _("lets units be called and stand as planned for today"),
            every=every,
            run=show_todays_structure,
        )
        register_duty(
            "people.carry_on", _("moves what came late into a merged unit"), every=every, run=carry_on
        )

    def _let_go(self) -> None:
        """What is kept how long, and what a no means at once."""
        from datetime import timedelta

        from medvirk.people import parting
        from medvirk.people.access import Permission
        from medvirk.people.actions.retention import carry_out_approved
        from medvirk.people.actions.sharing import stop_all_sharing
        from medvirk.people.duties import register_duty
        from medvirk.people.hooks import on_withdrawal, register_part_name
        from medvirk.people.models import ConsentPurpose
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        parting.register()
        register_part_name("people.erasure", _("whether something is to be erased"))
        register_duty(
            "people.retention",
            _("erases what an approved report lists"),
            every=timedelta(minutes=10),
            run=carry_out_approved,
        )
        register_menu_entry(MenuEntry(_("What is kept"), "people:retention", 92, Permission.MANAGE_RETENTION))
        on_withdrawal(ConsentPurpose.SHARING, stop_all_sharing)

    def _share_and_close(self) -> None:
        """What can be shared of people, and what shows while a record is open in an emergency."""
        from medvirk.people import hooks
        from medvirk.people.access import CONTACT
        from medvirk.people.panels import emergency_strip, shared_contact
        from medvirk.ui.hooks import Strip, register_strip

        hooks.register_shared_part(
            hooks.SharedPart(CONTACT, _("phone and e-mail"), "people/shared_contact.html", shared_contact)
        )
        register_strip(Strip("people/_emergency_strip.html", emergency_strip))

    def _keep_the_log(self) -> None:
        """Sealing and reviewing the access log, and the pages to read it on."""
        from datetime import time, timedelta

        from medvirk.people import hooks
        from medvirk.people.access import Permission
        from medvirk.people.actions.review import review_log
        from medvirk.people.actions.sealing import seal_log
        from medvirk.people.duties import register_duty
        from medvirk.people.log.check import register_check
        from medvirk.ui.hooks import MenuEntry, register_menu_entry

        register_check()
        register_menu_entry(MenuEntry(_("Access log"), "people:log_search", 50, Permission.READ_LOG))
        register_menu_entry(MenuEntry(_("Unusual openings"), "people:patterns", 62, Permission.REVIEW_LOG))
        hooks.register_part_name("people.backup", _("the whole database, as an encrypted backup"))
        hooks.register_part_name("people.log", _("the access log"), own=_("who has looked in your record"))
        register_duty("people.seal_log", _("seals the access log"), every=timedelta(minutes=1), run=seal_log)
        register_duty(
            "people.review_log",
            _("looks for unusual openings of records"),
            every=timedelta(days=1),
            at=time(4, 30),
            run=review_log,
        )
