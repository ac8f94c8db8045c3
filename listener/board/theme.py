"""How the board looks, as Streamlit settings: calm in both lights, one accent, system colours of severity."""

from __future__ import annotations

from typing import Final

_LIGHT: Final = {
    "primaryColor": "#1d6a72",
    "backgroundColor": "#fbfbfa",
    "secondaryBackgroundColor": "#f1f2f0",
    "textColor": "#22272b",
    "linkColor": "#1d6a72",
    "borderColor": "#dddfdb",
    "grayTextColor": "#5c6660",
    "grayBackgroundColor": "#eceeea",
    "blueTextColor": "#2a5283",
    "blueBackgroundColor": "#e6eef7",
    "yellowColor": "#e2b93b",
    "yellowTextColor": "#7a5a05",
    "yellowBackgroundColor": "#fcf3d3",
    "orangeTextColor": "#95440f",
    "orangeBackgroundColor": "#fde9d8",
    "redTextColor": "#a32632",
    "redBackgroundColor": "#fbe4e4",
    "greenColor": "#2f8a5b",
    "greenTextColor": "#1d6741",
    "greenBackgroundColor": "#e1f3e8",
}

_DARK: Final = {
    "primaryColor": "#35919b",
    "backgroundColor": "#15181a",
    "secondaryBackgroundColor": "#1f2426",
    "textColor": "#e7eae9",
    "linkColor": "#6cc0c8",
    "borderColor": "#343b3e",
    "grayTextColor": "#9fa9a8",
    "grayBackgroundColor": "#2a3033",
    "blueTextColor": "#9cc3f2",
    "blueBackgroundColor": "#1d2f45",
    "yellowColor": "#b58e1e",
    "yellowTextColor": "#f0cf74",
    "yellowBackgroundColor": "#3d3313",
    "orangeTextColor": "#f5b078",
    "orangeBackgroundColor": "#46290f",
    "redTextColor": "#f59aa0",
    "redBackgroundColor": "#4a1d21",
    "greenColor": "#3fa872",
    "greenTextColor": "#85d8ab",
    "greenBackgroundColor": "#163626",
}

_SHARED: Final = {
    "theme.baseRadius": "0.5rem",
    "theme.headingFontSizes": ["1.6rem", "1.25rem", "1.05rem"],
    "theme.headingFontWeights": [650, 600, 600],
    "theme.showWidgetBorder": True,
}

OPTIONS: Final = {
    **_SHARED,
    **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
    **{f"theme.dark.{name}": value for name, value in _DARK.items()},
}
