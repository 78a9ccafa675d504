"""The settings of a comparison, each declared once."""

from __future__ import annotations

from typing import Any, get_args

from skal.annotation import describe_cost, describe_oracle, read_cost, read_oracle
from skal.annotation.budget import Policy
from skal.loop import INITIAL
from skal.recipes import read_recipe, read_recipes
from skal.study.settings.allowed import (
    ByName,
    Flag,
    Follows,
    Label,
    Metrics,
    NotAllowed,
    Number,
    OneOf,
    Read,
    Several,
    TaskModel,
    Text,
    Whole,
)
from skal.study.settings.column_kinds import columns_of
from skal.study.settings.error_costs import costs_of_errors
from skal.study.settings.sentences import (
    tell_columns,
    tell_costs,
    tell_follows,
    tell_initial,
    tell_left_out,
    tell_money,
    tell_oracle,
    tell_recipe,
)
from skal.study.settings.setting import Setting
from skal.study.settings.trial_numbers import TRIALS_IN_WORDS, read_trials, write_trials

__all__ = ["DEFAULTS", "SETTINGS"]


_REPEATED = 10**6  # more rounds or trials than anybody runs


def _trials(value: Any) -> str:
    """In one form, however it was written: counted from 1, so that reading it again changes nothing."""
    try:
        return write_trials(read_trials(value) or ())
    except ValueError as error:
        raise NotAllowed from error


_ALL = (
    Setting(
        "follows",
        None,
        Follows(),
        "The published setup that the settings come from, for the record.",
        option="",
        followed=False,
        tell=tell_follows,
    ),
    Setting("data", "digits", Text(), "Data set: its name, or a path.", given=False, protocol="always"),
    Setting(
        "target",
        None,
        Text(),
        "Column to predict, if the data are a table; or several of 0 and 1: a,b,c.",
        keyword="",
        protocol="no",
    ),
    Setting(
        "estimator",
        "logistic",
        TaskModel(),
        "Task model: logistic, linear_svm, forest, ..., NAME:parameter=value,...; or your own, "
        "package.module:function or file.py:name, whose code is run.",
        given=False,
        protocol="always",
    ),
    Setting(
        "columns",
        {},
        Read(columns_of, "kinds by the names of columns, such as body=text", "<name=kind>"),
        "Use of a column, NAME=KIND: number, category, text, date, boolean, or drop to leave it out. All others are "
        "decided automatically and printed.",
        option="column",
        repeated=True,
        keyword="",
        written=lambda columns: columns or None,
        tell=tell_columns,
    ),
    Setting(
        "strategies",
        [],
        Several("names of strategies in a list, or strategies by name"),
        "Query strategy: NAME or NAME:option=value,... Random sampling is always added.",
        option="strategy",
        repeated=True,
        given=False,
        protocol="always",
    ),
    Setting(
        "recipe",
        None,
        ByName(read_recipe, "the name of a training recipe, such as 'uda:max_steps=500'"),
        "Training recipe that all strategies are trained by.",
        option="",
        given=False,
        tell=tell_recipe,
    ),
    Setting(
        "recipes",
        [],
        Several("names of training recipes in a list, or recipes by name", reader=read_recipes),
        "Training recipe to compare under: augmented, uda, fixmatch, pseudo_label, pretrained, or "
        "NAME:option=value,... The supervised one is always added.",
        option="recipe",
        repeated=True,
        keyword="",
        protocol="no",
    ),
    Setting(
        "metrics",
        None,
        Metrics(),
        "Metric: one of scikit-learn's scorers, or ece; for masks miou, pixel_accuracy or iou. Verdicts are about "
        "the first.",
        option="metric",
        repeated=True,
        keyword="scoring",
        protocol="always",
    ),
    Setting(
        "positive",
        None,
        Label(),
        "The class that f1, precision, recall and the like are about.",
        protocol="no",  # the metrics are written down with the class, as in f1:fraud
    ),
    Setting(
        "costs",
        None,
        Read(costs_of_errors, "the path of a CSV file with the costs of errors", "<path>"),
        "What errors cost: a CSV file with a row for each true class and a column for each answer, or with a weight "
        "for each class. Measured first, and given to strategies that read costs.",
        tell=tell_costs,
    ),
    Setting("n_initial", 20, Whole(1), "Labels to start with.", protocol="always"),
    Setting("n_instances", 20, Whole(1), "Labels per round.", protocol="always"),
    Setting("n_rounds", 8, Whole(0, _REPEATED), "Rounds.", protocol="always"),
    Setting("n_trials", 5, Whole(1, _REPEATED), "Repetitions, each with its own test split.", protocol="always"),
    Setting(
        "trials",
        None,
        Read(_trials, TRIALS_IN_WORDS, "<numbers>"),
        "Trials to run now, counted from 1, such as 3-5 or 1,4-6; all if left out.",
        protocol="no",
        followed=False,
    ),
    Setting(
        "oracle",
        None,
        ByName(read_oracle, "the name of an annotator, such as 'noisy:rate=0.2'"),
        "Simulated annotator: noisy:rate=0.2,... gives wrong labels; always right if left out.",
        written=lambda oracle: describe_oracle(read_oracle(oracle)),
        tell=tell_oracle,
    ),
    Setting(
        "cost",
        None,
        ByName(read_cost, "the name of a cost, such as 'clicks:tolerance=10'"),
        "Price of a label: clicks:tolerance=5,... for masks; 1 each if left out.",
        written=lambda cost: describe_cost(read_cost(cost)),
        tell=tell_money,
    ),
    Setting(
        "round_budget",
        None,
        Number(0),
        "Budget per round, in units of the cost, instead of n_instances.",
    ),
    Setting(
        "budget_policy",
        "stop_before",
        OneOf(get_args(Policy)),
        "What happens if the budget of a round does not pay for the next label: stop_before or overshoot.",
    ),
    Setting(
        "initial",
        "random",
        OneOf(INITIAL),
        "How the initial labels are chosen: random, k_center, ...",
        protocol="always",
        tell=tell_initial,
    ),
    Setting(
        "initial_left_out",
        0,
        Whole(0),
        "Classes, drawn in each trial, that the initial labels leave out.",
        tell=tell_left_out,
    ),
    Setting(
        "test_size",
        0.25,
        Number(0, 1),
        "Fraction of the rows held out for testing, if the data have no test rows of their own.",
        protocol="always",
    ),
    Setting(
        "seed",
        0,
        Whole(0, 2**64 - 1),
        "Random seed.",
        keyword="random_state",
        older_keyword="seed",
        none_is_a_value=True,
        protocol="always",
        followed=False,
    ),
    Setting(
        "predictions",
        True,
        Flag(),
        "Keep the predictions for the test rows, so that a metric can be added without new fits.",
        protocol="no",
        followed=False,
    ),
)

# By name, in the order of the help.
SETTINGS: dict[str, Setting] = {setting.name: setting for setting in _ALL}
DEFAULTS: dict[str, Any] = {setting.name: setting.default for setting in _ALL}
