"""Pictures of scores: frozen data in, SVG out, the same on screen, on paper and in tests.

    from medvirk.ui import charts

    svg = charts.to_svg(charts.course_chart(charts.CoursePicture(...), charts.Size.NARROW), language="nn")

A picture is a frozen dataclass with numbers and texts that are already translated; a function makes an Altair
specification of it, and `to_svg` draws it without browser or network. What is told by colour is also told by
shape, dashes or words. The SVG has a title and a description, no script and no style attribute, so a strict
Content-Security-Policy lets it into a page.
"""

from medvirk.ui.charts.accuracy import estimates_chart, trade_off_chart
from medvirk.ui.charts.control import control_chart
from medvirk.ui.charts.group import courses_chart, first_last_chart, moves_chart
from medvirk.ui.charts.parts import OUTCOMES
from medvirk.ui.charts.person import course_chart
from medvirk.ui.charts.pictures import (
    Band,
    ControlPicture,
    CoursePicture,
    CoursesPicture,
    Curve,
    Drawing,
    Estimate,
    EstimatesPicture,
    FirstLastPicture,
    Move,
    MovesPicture,
    Size,
    TradeOffPicture,
)
from medvirk.ui.charts.svg import sparkline_svg, to_png, to_svg, warm_up

__all__ = [
    "OUTCOMES",
    "Band",
    "ControlPicture",
    "CoursePicture",
    "CoursesPicture",
    "Curve",
    "Drawing",
    "Estimate",
    "EstimatesPicture",
    "FirstLastPicture",
    "Move",
    "MovesPicture",
    "Size",
    "TradeOffPicture",
    "control_chart",
    "course_chart",
    "courses_chart",
    "estimates_chart",
    "first_last_chart",
    "moves_chart",
    "sparkline_svg",
    "to_png",
    "to_svg",
    "trade_off_chart",
    "warm_up",
]
