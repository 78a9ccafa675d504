"""Things by name: text, dict and object stand for each other, and what does not exist is refused in one sentence."""

import functools
import random
import string

import pytest

from skal.annotation import COSTS, ORACLES, ClickCost, UniformCost, describe_cost, describe_oracle, read_cost
from skal.estimators import NAMED_ESTIMATORS, make_estimator
from skal.recipes import RECIPES_BY_NAME, read_recipe
from skal.spec import Catalogue, Entry, Spec, check_depth, parse_options, shown, write_options
from skal.study.strategies import STRATEGIES, describe_strategy, parse_strategy

CATALOGUES = [COSTS, ORACLES, RECIPES_BY_NAME, NAMED_ESTIMATORS, STRATEGIES]


def a_value(draw, depth=0):
    kinds = ["int", "float", "bool", "text", "word", "list", "table"][: 5 if depth > 2 else 7]
    kind = draw.choice(kinds)
    if kind == "int":
        return draw.randint(-(10**6), 10**6)
    if kind == "float":
        return draw.choice([draw.gauss(0, 1e3), 1e300, -0.0, float("inf"), 1e-12, 5.0])
    if kind == "bool":
        return draw.random() < 0.5
    if kind == "word":
        return draw.choice(
            ["cifar100", "true ", "3", "nan", "", " a", "a=b", "a,b", "[1", '"', "'x'", "1.5.2", "é", "\n"]
        )
    if kind == "text":
        return "".join(draw.choices(string.printable + "äé∞", k=draw.randint(0, 8)))
    if kind == "list":
        return [a_value(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    return {a_key(draw): a_value(draw, depth + 1) for _ in range(draw.randint(0, 2))}


def a_key(draw):
    return "".join(draw.choices(string.ascii_letters + "_-", k=draw.randint(1, 6))) + draw.choice(
        ["", "", " x", ".y"]
    )


def test_what_can_be_written_is_read_as_the_same():
    draw = random.Random(16)
    for _ in range(2000):
        options = {a_key(draw): a_value(draw) for _ in range(draw.randint(0, 4))}
        spec = Spec("name", options)
        assert repr(Spec.of(spec.text, "thing")) == repr(spec), spec.text
        assert repr(Spec.of(spec.to_dict("thing"), "thing")) == repr(spec)


def test_what_can_be_read_is_written_and_read_as_the_same():
    draw = random.Random(17)
    pieces = [
        "a",
        "b=1",
        "=",
        ",",
        "c=[1,2]",
        'd="x,y"',
        "e=x y",
        ":",
        "[",
        "]",
        "{",
        '"',
        "f=2020-01-01",
        "g=1.",
        " ",
    ]
    read = 0
    for _ in range(5000):
        text = "name:" + "".join(draw.choices(pieces, k=draw.randint(0, 6)))
        try:
            spec = Spec.of(text, "thing")
        except ValueError as error:
            assert str(error)
            continue
        read += 1
        assert repr(Spec.of(spec.text, "thing")) == repr(spec), text
    assert read > 500


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("x", {}),
        ("x:a=1,b=0.5,c=true", {"a": 1, "b": 0.5, "c": True}),
        ("x:metric=euclidean,beta=2.0", {"metric": "euclidean", "beta": 2.0}),
        ("x:groups=cifar100,counts=[1, 2]", {"groups": "cifar100", "counts": [1, 2]}),
        ('x:a="1,2",b=c', {"a": "1,2", "b": "c"}),
        ('x:groups=[["a","b"],["c"]]', {"groups": [["a", "b"], ["c"]]}),
        ("x:weights=runs/a=b.pt", {"weights": "runs/a=b.pt"}),
        (" x : a = 1 ", {"a": 1}),
        ("x:a=.1,b=-.5e-2,c=1.", {"a": 0.1, "b": -0.005, "c": 1.0}),
        ("x:a=.,b=.x,c=007,d=1.2.3", {"a": ".", "b": ".x", "c": "007", "d": "1.2.3"}),
    ],
)
def test_texts_are_read(text, options):
    assert Spec.of(text, "thing") == Spec("x", options)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x:a", "an option is written name=value, got 'a'"),
        ("x:=3", "an option is written name=value"),
        ("x:a=b,a=c", "the option a is given twice"),
        ("x:groups=[[cat,dog]]", "texts in it are quoted"),
        ("x:a=" + "[" * 5000 + "]" * 5000, "nested"),
        ("x:a=" + "[" * 40 + "1" + "]" * 40, "nested at most 20 deep"),
    ],
)
def test_texts_that_cannot_be_read_are_refused_in_a_sentence(text, says):
    with pytest.raises(ValueError, match=says) as refused:
        Spec.of(text, "thing")
    assert len(str(refused.value)) < 500, "a long text is cut"


def test_depth_is_counted_without_recursion():
    deep = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="thing: values may be nested at most 20 deep"):
        check_depth(deep, "thing")
    assert len(shown(deep)) < 100
    check_depth([[[{"a": [1, 2]}]]], "thing")


def test_none_cannot_be_written():
    with pytest.raises(ValueError, match="cannot be written"):
        write_options({"a": None})
    with pytest.raises(ValueError, match="cannot have an option called cost"):
        Spec("clicks", {"cost": 3}).to_dict("cost")
    assert parse_options("", "x") == {}


# Every kind of thing, in the same words


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda one: one.kind)
def test_unknown_names_are_refused_with_the_nearest(catalogue):
    name = next(iter(catalogue.entries))
    with pytest.raises(ValueError, match=rf"There is no {catalogue.kind} '{name}x'.*Did you mean .*{name}"):
        catalogue.make(f"{name}x")
    with pytest.raises(ValueError, match=rf"There is no {catalogue.kind} ''"):
        catalogue.make("")
    with pytest.raises(
        ValueError, match=rf"A dict must have the name of the {catalogue.kind} under '{catalogue.kind}'"
    ):
        catalogue.make({"nme": name})
    with pytest.raises(ValueError, match="an option is written name=value"):
        catalogue.make(f"{name}:option")


@pytest.mark.parametrize(
    ("catalogue", "text", "near"),
    [
        (COSTS, "clicks:tolerence=3", "tolerance"),
        (ORACLES, "noisy:rat=3", "rate"),
        (STRATEGIES, "information_density_sampling:bete=1", "beta"),
        (STRATEGIES, "region_sampling:region=superpixels", "regions"),
        (NAMED_ESTIMATORS, "logistic:max_itre=3", "max_iter"),
        (RECIPES_BY_NAME, "supervised:lr=3", None),
    ],
)
def test_unknown_options_are_refused_in_the_same_words(catalogue, text, near):
    spec = Spec.of(text, catalogue.kind)
    (option,) = spec.options
    says = rf"^The {catalogue.kind} {spec.name} has no option {option}; it has "
    with pytest.raises(ValueError, match=says + (rf".*Did you mean {near}\?" if near else "none")):
        catalogue.make(text)


@pytest.mark.parametrize(
    ("catalogue", "text", "reason"),
    [
        (COSTS, "clicks:tolerance=ten", "tolerance must be a number"),
        (ORACLES, "noisy:rate=2", r"rate must be a number in \[0, 1\]"),
        (ORACLES, "noisy", "give either rate or confusion"),
        (ORACLES, "noisy:rate=0.1,groups=birds", "no group of classes 'birds'"),
        (STRATEGIES, "region_sampling:regions=circles", "regions must be one of"),
        (STRATEGIES, "typiclust:n_neighbors=0", "n_neighbors must be an int >= 1, got 0"),
        (STRATEGIES, "information_density_sampling:beta=much", "beta must be a finite number, got 'much'"),
    ],
)
def test_wrong_values_are_refused_when_the_thing_is_made(catalogue, text, reason):
    with pytest.raises(ValueError, match=rf"^The {catalogue.kind} {text.partition(':')[0]}: .*{reason}"):
        catalogue.make(text)


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda one: one.kind)
def test_every_entry_is_found_by_text_by_dict_and_by_spec(catalogue):
    assert catalogue.entries
    for name in catalogue.entries:
        spec = catalogue.spec(name)
        assert (
            catalogue.spec(spec.to_dict(catalogue.kind)) == spec == catalogue.spec(spec) == catalogue.spec(spec.text)
        )


# Objects are written as what makes them again


@pytest.mark.parametrize("text", ["images", "clicks", "clicks:tolerance=5,background=0,holes=false", "boundary"])
def test_costs_go_round(text):
    made = COSTS.make(text)
    assert read_cost(COSTS.spec(describe_cost(made)).text) == made


@pytest.mark.parametrize("text", ["noisy:rate=0.2", 'noisy:rate=0.1,groups=[["a","b"]],noisy_initial=false'])
def test_oracles_go_round(text):
    described = describe_oracle(ORACLES.make(text))
    assert described == Spec.of(text, "oracle").to_dict("oracle")
    assert describe_oracle(ORACLES.make(described)) == described


@pytest.mark.parametrize(
    "text", ["uda:max_steps=5,flip=false", "augmented", "pretrained:weights=a/b.pt", "supervised"]
)
def test_recipes_go_round(text):
    recipe = read_recipe(text)
    if text == "supervised":
        assert recipe.description is None and read_recipe(None) == recipe
        return
    again = read_recipe(recipe.description)
    assert again == recipe and again.description == recipe.description and again.name == text


def test_strategies_go_round():
    for name, entry in STRATEGIES.entries.items():
        if name == "region_sampling":
            continue
        options = {option: 2 for option in entry.options if option in ("beta", "n_samples", "n_neighbors")}
        text = Spec(name, options).text
        described = describe_strategy(parse_strategy(text)[1])
        assert described == {"strategy": name, **options}
        again = STRATEGIES.make(described)
        assert describe_strategy(again) == described and isinstance(again, functools.partial) == bool(options)
    regions = STRATEGIES.make("region_sampling:regions=superpixels,n_segments=60")
    assert STRATEGIES.make(regions.described()) == regions


def test_estimators_take_parameters_of_the_last_step():
    assert make_estimator("logistic:C=0.5")[-1].C == 0.5
    assert NAMED_ESTIMATORS.make({"estimator": "logistic", "C": 0.5})[-1].C == 0.5


def test_a_catalogue_asks_a_callable_anew_each_time():
    things = {"a": Entry(dict)}
    catalogue = Catalogue("thing", lambda: things, listing="See the list.")
    with pytest.raises(ValueError, match="There is no thing 'zebra'. See the list."):
        catalogue.make("zebra")
    things["zebra"] = Entry(lambda **given: given)
    assert catalogue.make("zebra:x=1") == {"x": 1}
    assert isinstance(COSTS.make("images"), UniformCost) and COSTS.make({"cost": "clicks"}) == ClickCost()
