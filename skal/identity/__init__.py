"""What a piece of the user's code is, by its content: a digest that an edit changes and a comment does not.

The room imports nothing of skal. Its door is `code_digest`.
"""

from skal.identity.digest import CodeDigest, code_digest

__all__ = ["CodeDigest", "code_digest"]
