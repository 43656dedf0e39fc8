"""Marks functions and filters for templates of which all is known that their results depend on."""

from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable)


def pure(function: Function) -> Function:
    """Mark a function or filter whose result depends on its arguments, the settings and the theme
    alone, so that plugins/ingredients.py need not take in the whole site.

    It must not follow an article to others, nor to what only some templates show of it, such as
    its replies.
    """
    function.is_pure = True
    return function


def is_pure(function) -> bool:
    """Tell whether a function is marked so."""
    return getattr(function, "is_pure", False)
