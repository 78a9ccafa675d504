"""Selection: plain mathematics on arrays; each function returns ``(indices, scores)``, best first."""

from skal.selection._neighbors import unit_rows
from skal.selection.bait import bait
from skal.selection.batch_bald import batch_bald
from skal.selection.contextual import class_mixtures, contextual_k_center
from skal.selection.facility_location import facility_location
from skal.selection.gradient_embedding import GradientEmbedding
from skal.selection.greedy_product import greedy_product
from skal.selection.herding import herding, nearest_pair
from skal.selection.k_center import k_center
from skal.selection.kmeans_medoids import kmeans_medoids
from skal.selection.kmeans_plusplus import kmeans_plusplus
from skal.selection.lcmd import lcmd
from skal.selection.max_det import max_det, max_diag
from skal.selection.max_mean_distance import max_mean_distance
from skal.selection.power import power
from skal.selection.prob_cover import prob_cover, purity_radius
from skal.selection.ranked_batch import ranked_batch
from skal.selection.robust_k_center import robust_k_center
from skal.selection.top_k import top_k
from skal.selection.typiclust import typiclust

__all__ = [
    "GradientEmbedding",
    "bait",
    "batch_bald",
    "class_mixtures",
    "contextual_k_center",
    "facility_location",
    "greedy_product",
    "herding",
    "k_center",
    "kmeans_medoids",
    "kmeans_plusplus",
    "lcmd",
    "max_det",
    "max_diag",
    "max_mean_distance",
    "nearest_pair",
    "power",
    "prob_cover",
    "purity_radius",
    "ranked_batch",
    "robust_k_center",
    "top_k",
    "typiclust",
    "unit_rows",
]
