"""Selection: plain mathematics on arrays; each function returns ``(indices, scores)``, best first."""

from skal.selection.facility_location import facility_location
from skal.selection.k_center import k_center
from skal.selection.kmeans_medoids import kmeans_medoids
from skal.selection.kmeans_plusplus import kmeans_plusplus
from skal.selection.max_mean_distance import max_mean_distance
from skal.selection.ranked_batch import ranked_batch
from skal.selection.robust_k_center import robust_k_center
from skal.selection.top_k import top_k

__all__ = [
    "facility_location",
    "k_center",
    "kmeans_medoids",
    "kmeans_plusplus",
    "max_mean_distance",
    "ranked_batch",
    "robust_k_center",
    "top_k",
]
