"""How the widget looks, on the dashboard's light and dark background.

Plain colours, no variables and no media query: the widget is inside the console's own page, and only
the call says which background that has (`widgetContext.theme`).
"""

from __future__ import annotations

from string import Template
from typing import Final

_LIGHT: Final = {
    "ink": "#16191f",
    "soft": "#545b64",
    "line": "#d5dbdb",
    "field": "#ffffff",
    "bad": "#b0120a",
    "bad_ground": "#fdf3f1",
    "unsure": "#7a5200",
    "unsure_ground": "#fff8e5",
    "good": "#14620f",
    "good_ground": "#f2f8f0",
}
_DARK: Final = {
    "ink": "#e9ebed",
    "soft": "#a9b3bf",
    "line": "#414d5c",
    "field": "#0f1b2a",
    "bad": "#ff9c92",
    "bad_ground": "#2c1512",
    "unsure": "#ffd36b",
    "unsure_ground": "#2b2208",
    "good": "#9be08f",
    "good_ground": "#11230f",
}
_STYLE: Final = Template("""<style>
.cutover { font-size: 14px; line-height: 1.45; color: $ink; }
.cutover .sides { display: flex; flex-flow: row-reverse wrap; gap: 12px 32px; align-items: flex-start; }
.cutover .seen { flex: 3 1 420px; min-width: 0; }
.cutover .hand { flex: 1 1 240px; }
.cutover .head { font-size: 20px; line-height: 1.3; font-weight: 700; margin: 0 0 8px;
  padding: 8px 12px; border-left: 6px solid; }
.cutover .says { margin: 0 0 6px; padding: 6px 12px; border-left: 6px solid $line;
  overflow-wrap: anywhere; }
.cutover .bad { color: $bad; background: $bad_ground; border-color: $bad; }
.cutover .unsure { color: $unsure; background: $unsure_ground; border-color: $unsure; }
.cutover .good { color: $good; background: $good_ground; border-color: $good; }
.cutover table { font-size: 14px; border-collapse: collapse; margin: 8px 0; width: 100%; }
.cutover th, .cutover td { text-align: left; vertical-align: top; padding: 4px 16px 4px 0;
  border-bottom: 1px solid $line; overflow-wrap: anywhere; color: $ink; }
.cutover thead th { color: $soft; font-weight: 400; }
.cutover th.number, .cutover td.number { text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.cutover td.name { white-space: nowrap; width: 1%; }
.cutover .soft, .cutover td.soft { color: $soft; }
.cutover label { display: block; margin: 0 0 8px; color: $soft; }
.cutover input { display: block; width: 100%; box-sizing: border-box; padding: 5px 8px; color: $ink;
  background: $field; border: 1px solid $soft; border-radius: 3px; font: inherit; }
.cutover .buttons { margin: 12px 0 8px; }
</style>""")


def style(theme: str) -> str:
    """Return the style for `theme`: dark, or else light."""
    return _STYLE.substitute(_DARK if theme == "dark" else _LIGHT)
