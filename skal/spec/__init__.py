"""Things by name: ``name:option=value,option=value`` as text, as a dict, and as the object that it stands for."""

from skal.spec._catalogue import Catalogue, Entry
from skal.spec._described import described, plain, representation
from skal.spec._options import parse_options, write_options
from skal.spec._spec import Spec
from skal.spec._values import check_depth, near_names, number_of_text, shown, value_of_text
from skal.spec._words import no_name, no_option

__all__ = [
    "Catalogue",
    "Entry",
    "Spec",
    "check_depth",
    "described",
    "near_names",
    "no_name",
    "no_option",
    "number_of_text",
    "parse_options",
    "plain",
    "representation",
    "shown",
    "value_of_text",
    "write_options",
]
