def test_fill(db):
    from django.utils import timezone
    from medvirk.config.demo.fill import fill
    from medvirk.people.models import AccessEvent, UnusualOpening
    fill(now=timezone.now())
    print(AccessEvent.objects.count(), list(UnusualOpening.objects.values_list("kind","records")))
