"""Features: what each column of a table is used as, and tables, texts and images as numbers for a model."""

from skal.features._uses import KINDS, LEFT_OUT, ColumnUse, column_uses, uses_as_text
from skal.features.image_encoder import ImageEncoder
from skal.features.table_encoder import TableEncoder

__all__ = ["KINDS", "LEFT_OUT", "ColumnUse", "ImageEncoder", "TableEncoder", "column_uses", "uses_as_text"]
