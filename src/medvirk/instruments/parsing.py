"""From the tables of a data file to the frozen definitions. Nothing stops at the first fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from medvirk.instruments.definitions import (
    AgeBand,
    AlertKind,
    AlertRule,
    Band,
    Banding,
    Condition,
    Confidence,
    CutOff,
    Direction,
    Evidence,
    Format,
    Instrument,
    Item,
    ItemWording,
    Licence,
    LicenceClass,
    Method,
    ReliableChangeFact,
    Scale,
    Skip,
    Status,
    Wording,
)
from medvirk.instruments.reading import Table, check_language

YES_NO = (0.0, 1.0)


def parse_instrument(table: Table) -> Instrument:
    """The whole file. Faults are noted in the table's notebook; what could not be read is left empty."""
    items = tuple(item for found in table.tables("items", "item", required=True) if (item := _item(found)))
    instrument = Instrument(
        key=table.text("key"),
        version=table.whole("version", least=1),
        name=table.text("name"),
        about=table.by_language("about", required=True),
        status=table.choice("status", Status) or Status.NOT_VALIDATED,
        source=table.text("source"),
        confidence=_confidence(table),
        licence=_licence(table),
        items=items,
        scales=tuple(_scale(found) for found in table.tables("scales", "scale")),
        alerts=tuple(_alert(found) for found in table.tables("alerts", "alert")),
        wordings=parse_wordings(table, items),
        proxy_wordings=parse_wordings(table, items, name="proxy"),
        codes=table.codes(),
        notes=table.text("notes", required=False),
        family=table.text("family", required=False),
        age=_age(table),
    )
    if bool(instrument.family) != (instrument.age is not None):
        table.note("`family` and `age` belong together: give both or neither.")
    table.finish()
    return instrument


def _age(parent: Table) -> AgeBand | None:
    table = parent.table("age", "age")
    if table is None:
        return None
    low, high = table.whole("from", least=0), table.number("to")
    if high is not None and (high != int(high) or high < low):
        table.note(f"`to` must be a whole number of years, not below `from`, not {high:g}.")
    table.finish()
    return AgeBand(low, None if high is None else int(high))


def _confidence(table: Table) -> Confidence:
    return table.choice("confidence", Confidence) or Confidence.GUESS


def _licence(parent: Table) -> Licence:
    table = parent.table("licence", "licence", required=True) or Table({}, "licence", parent.notebook)
    licence = Licence(
        terms=table.text("terms"),
        owner=table.text("owner"),
        category=table.choice("category", LicenceClass) or LicenceClass.CLOSED,
        wording_may_ship=table.flag("wording_may_ship"),
        source=table.text("source", required=False),
    )
    table.finish()
    return licence


def _item(table: Table) -> Item | None:
    key = table.text("key")
    kind = table.choice("format", Format)
    item = None
    if kind is Format.VAS:
        low, high = table.number("low", required=True), table.number("high", required=True)
        item = Item(key, kind, low=low, high=high, step=table.number("step", required=True))
    elif kind is Format.NUMBER:
        low, high = table.number("low", required=True), table.number("high", required=True)
        item = Item(key, kind, low=low, high=high, unit=table.text("unit", required=False))
    elif kind is Format.LIKERT:
        options = table.numbers("options", required=True)
        item = Item(
            key, kind, low=min(options, default=None), high=max(options, default=None), options=options
        )
    elif kind is Format.YESNO:
        item = Item(key, kind, low=0.0, high=1.0, options=YES_NO)
    elif kind is Format.TEXT:
        item = Item(key, kind)
    if item is None:
        return None
    item = replace(item, codes=table.codes())
    table.finish()
    _check_item(item, table)
    return item


def _check_item(item: Item, table: Table) -> None:
    if item.low is not None and item.high is not None and item.low >= item.high:
        table.note(f"the lowest answer, {item.low:g}, must be smaller than the highest, {item.high:g}.")
    if len(set(item.options)) < len(item.options):
        table.note("`options` holds the same value twice.")
    if item.step is not None and item.step <= 0:
        table.note(f"`step` must be above 0, not {item.step:g}.")


def _scale(table: Table) -> Scale:
    scale = Scale(
        key=table.text("key"),
        title=table.by_language("title", required=True),
        method=table.choice("method", Method) or Method.SUM,
        items=table.texts("items", required=True),
        direction=table.choice("direction", Direction) or Direction.NONE,
        low=_or_zero(table.number("low", required=True)),
        high=_or_zero(table.number("high", required=True)),
        reversed=table.texts("reversed"),
        weights=table.numbers("weights"),
        multiply=1.0 if (multiply := table.number("multiply")) is None else multiply,
        missing_allowed=table.whole("missing_allowed", least=0),
        skips=tuple(_skip(found) for found in table.tables("skips", f"{table.place}, skip")),
        decimals=table.whole("decimals", least=0, default=0),
        banding=_banding(table),
        cutoffs=tuple(_cutoff(found) for found in table.tables("cutoffs", f"{table.place}, cut-off")),
        reliable_changes=tuple(
            _reliable_change(found)
            for found in table.tables("reliable_changes", f"{table.place}, reliable change")
        ),
        evidence=tuple(_evidence(found) for found in table.tables("evidence", f"{table.place}, evidence")),
        codes=table.codes(),
    )
    table.finish()
    return scale


def _or_zero(value: float | None) -> float:
    """Stands in for a number whose absence is already noted, so that the rest can be read."""
    return 0.0 if value is None else value


def _skip(table: Table) -> Skip:
    skip = Skip(
        item=table.text("item"),
        equals=_or_zero(table.number("equals", required=True)),
        items=table.texts("items", required=True),
        counts_as=_or_zero(table.number("counts_as", required=True)),
        drops=table.flag("drops"),
        source=table.text("source"),
    )
    table.finish()
    return skip


def _banding(parent: Table) -> Banding | None:
    table = parent.table("banding", f"{parent.place}, banding")
    if table is None:
        return None
    bands = []
    for found in table.tables("bands", f"{parent.place}, band", required=True):
        bands.append(
            Band(_or_zero(found.number("from", required=True)), found.by_language("label", required=True))
        )
        found.finish()
    banding = Banding(tuple(bands), table.text("source"), _confidence(table))
    table.finish()
    return banding


def _cutoff(table: Table) -> CutOff:
    cutoff = CutOff(
        value=_or_zero(table.number("value", required=True)),
        inclusive=table.flag("inclusive"),
        source=table.text("source"),
        confidence=_confidence(table),
        meaning=table.by_language("meaning"),
        when=tuple(_condition(found) for found in table.tables("when", f"{table.place}, condition")),
    )
    table.finish()
    return cutoff


def _condition(table: Table) -> Condition:
    condition = Condition(
        fact=table.text("fact"),
        equals=table.text("equals") if table.has("equals") else None,
        at_least=table.number("at_least"),
        at_most=table.number("at_most"),
    )
    bounded = condition.at_least is not None or condition.at_most is not None
    if (condition.equals is not None) == bounded:
        table.note("give either `equals`, or `at_least` and/or `at_most`.")
    table.finish()
    return condition


def _reliable_change(table: Table) -> ReliableChangeFact:
    fact = ReliableChangeFact(
        value=_or_zero(table.number("value", required=True)),
        inclusive=table.flag("inclusive"),
        source=table.text("source"),
        confidence=_confidence(table),
        level=table.number("level"),
        sd=table.number("sd"),
        reliability=table.number("reliability"),
    )
    table.finish()
    return fact


def _evidence(table: Table) -> Evidence:
    evidence = Evidence(
        kind=table.text("kind"),
        value=_or_zero(table.number("value", required=True)),
        sample=table.text("sample"),
        source=table.text("source"),
        confidence=_confidence(table),
    )
    table.finish()
    return evidence


def _alert(table: Table) -> AlertRule:
    alert = AlertRule(
        item=table.text("item"),
        at_least=_or_zero(table.number("at_least", required=True)),
        kind=table.choice("kind", AlertKind) or AlertKind.RISK,
        source=table.text("source"),
    )
    table.finish()
    return alert


def parse_wordings(
    parent: Table, items: Iterable[Item], *, name: str = "wording", local: bool = False
) -> Mapping[str, Wording]:
    """The `wording` or the `proxy` table: one wording per language, each checked against the items."""
    table = parent.table(name, name)
    if table is None:
        return {}
    wordings = {}
    for language in table.data:
        check_language(language, table)
        found = table.table(language, f"{name} {language}")
        if found is not None:
            wordings[language] = parse_wording(found, language, tuple(items), local=local)
    return wordings


def parse_wording(table: Table, language: str, items: tuple[Item, ...], *, local: bool) -> Wording:
    """One language. Labels in `options` of the wording itself hold for every Likert item without its own."""
    shared = table.texts("options")
    texts = table.table("items", f"{table.place}, items", required=True) or Table(
        {}, table.place, table.notebook
    )
    wording = Wording(
        language=language,
        title=table.text("title"),
        intro=table.text("intro", required=False),
        items={item.key: _item_wording(texts, item, shared, table) for item in items},
        translator=table.text("translator"),
        licence=table.text("licence"),
        source=table.text("source"),
        local=local,
    )
    for key in texts.data:
        if key not in wording.items:
            table.notebook.note(f"{table.place}, item {key}", "the instrument has no such item.")
    table.finish()
    return wording


def _item_wording(texts: Table, item: Item, shared: tuple[str, ...], wording: Table) -> ItemWording:
    place = f"{wording.place}, item {item.key}"
    if not texts.has(item.key):
        wording.notebook.note(place, "its text is missing.")
        return ItemWording("")
    table = texts.table(item.key, place)
    if table is None:
        return ItemWording("")
    on_a_line = item.format is Format.VAS
    labels = table.texts("options") or (shared if item.format is Format.LIKERT else ())
    if item.format is Format.LIKERT and len(labels) != len(item.options):
        table.note(f"the item has {len(item.options)} options, but there are {len(labels)} labels.")
    if item.format is Format.YESNO and len(labels) not in {0, len(YES_NO)}:
        table.note("give two labels, first for no and then for yes, or none.")
    if not item.options and labels:
        table.note("`options` are for Likert and yes/no items only.")
    found = ItemWording(
        text=table.text("text"),
        low=table.text("low", required=on_a_line),
        high=table.text("high", required=on_a_line),
        options=labels,
    )
    table.finish()
    return found
