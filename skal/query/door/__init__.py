"""The door in front of every strategy: what a caller may rely on, and what a strategy need not check itself.

``strategy`` is the object and its contract, ``decorators`` turn a body into one, ``table`` makes those whose body is
one expression. ``calling`` is for callers who have any kind of strategy in hand.
"""
