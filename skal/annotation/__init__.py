"""The annotator: who gives the labels, how often they are wrong, what they cost, and which classes come first."""

from skal.annotation.budget import Budget, Spending
from skal.annotation.costs import BoundaryCost, ClickCost, Cost, UniformCost
from skal.annotation.groups import CIFAR100_SUPERCLASSES, groups_by_position
from skal.annotation.named_costs import COSTS, describe_cost, read_cost, unit_of_cost
from skal.annotation.named_oracles import ORACLES, OracleMaker, describe_oracle, read_oracle
from skal.annotation.noisy import NoisyOracle
from skal.annotation.open_regions import OpenRegions
from skal.annotation.oracle import Oracle
from skal.annotation.polygons import Polygon, approximate_mask, draw_polygons, polygons
from skal.annotation.pools import biased_pool
from skal.annotation.priced import PricedOracle, UnknownPrice
from skal.annotation.region_oracle import RegionOracle
from skal.annotation.regions import polygon_regions, superpixel_regions

__all__ = [
    "CIFAR100_SUPERCLASSES",
    "COSTS",
    "ORACLES",
    "BoundaryCost",
    "Budget",
    "ClickCost",
    "Cost",
    "NoisyOracle",
    "OpenRegions",
    "Oracle",
    "OracleMaker",
    "Polygon",
    "PricedOracle",
    "RegionOracle",
    "Spending",
    "UniformCost",
    "UnknownPrice",
    "approximate_mask",
    "biased_pool",
    "describe_cost",
    "describe_oracle",
    "draw_polygons",
    "groups_by_position",
    "polygon_regions",
    "polygons",
    "read_cost",
    "read_oracle",
    "superpixel_regions",
    "unit_of_cost",
]
