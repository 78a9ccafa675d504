"""How close two computations of a net's numbers must be."""

# Matrix products may round the last digits of a row by its place in a batch, on some processors: a few steps of
# float32. What the tests look for, batch mates that leak in, is thousands of times that.
ROUNDING = {"rtol": 1e-5, "atol": 1e-6}
