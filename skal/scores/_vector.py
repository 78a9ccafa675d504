"""Vectors of numbers for numba: 64 bytes at a time, in LLVM's own vector instructions.

Loops over rows of a hundred numbers are not vectorised well by the compiler alone: the rest of each row is taken
number by number. Here a row is some whole vectors and one window with the rest, other lanes masked. LLVM makes of a
vector what the processor has: one register with AVX-512, two with AVX2, four with NEON.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,misc"

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import extending, types
from numba.extending import models, register_model

intrinsic: Any = extending.intrinsic  # whose first argument is numba's own
_BYTES = 64
_LANE = ir.IntType(32)

# Chebyshev fits on [sqrt(1/2), sqrt(2)], highest power first. log2(1 + f) / f, relative error 8e-9:
_LOG2 = (
    -0.10749789418083205,
    0.1847603336518138,
    -0.1913883765667254,
    0.2048576477862193,
    -0.23960812190957284,
    0.28855256143746744,
    -0.3606965418075051,
    0.4808985203240642,
    -0.7213473544789053,
    1.4426950399991885,
)
# (atanh(s) / s - 1) / s^2 in powers of s^2, with s = f / (2 + f) and log(1 + f) = 2 atanh(s), relative error 5e-18:
_ATANH = (
    0.07308224842521703,
    0.07665860800278021,
    0.09091444562630861,
    0.1111110556739754,
    0.14285714312987743,
    0.19999999999949752,
    0.3333333333333335,
)


class Vector(types.Type):
    """As many numbers of a type as fit into 64 bytes."""

    def __init__(self, dtype: Any) -> None:
        self.dtype, self.lanes = dtype, _BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        element = dmm.lookup(fe_type.dtype).get_value_type()
        super().__init__(dmm, fe_type, ir.VectorType(element, fe_type.lanes))


def _like(value: Any, kind: Any) -> Any:
    """A constant in every lane, or a single one."""
    if isinstance(kind, ir.VectorType):
        return ir.Constant(kind, [ir.Constant(kind.element, value)] * kind.count)
    return ir.Constant(kind, value)


def _element(kind: Any) -> Any:
    return kind.element if isinstance(kind, ir.VectorType) else kind


def _bits_of(kind: Any) -> Any:
    """The integers of the width of a type of floats."""
    element = ir.IntType(32 if isinstance(_element(kind), ir.FloatType) else 64)
    return ir.VectorType(element, kind.count) if isinstance(kind, ir.VectorType) else element


def _polynomial(builder: Any, coefficients: tuple[float, ...], x: Any) -> Any:
    value = _like(coefficients[0], x.type)
    for coefficient in coefficients[1:]:
        value = builder.fadd(_product(builder, value, x), _like(coefficient, x.type), flags=("contract",))
    return value


def _product(builder: Any, a: Any, b: Any) -> Any:
    """A product that may be fused with the sum it goes into."""
    return builder.fmul(a, b, flags=("contract",))


def _split(builder: Any, x: Any) -> tuple[Any, Any]:
    """Split x > 0 as 2^e (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), by its bits; subnormals are multiplied up first."""
    kind, bits = x.type, _bits_of(x.type)
    single = isinstance(_element(kind), ir.FloatType)
    width, root_half, smallest, up = (
        (23, 0x3F3504F3, 2.0**-126, 24) if single else (52, 0x3FE6A09E667F3BCD, 2.0**-1022, 54)
    )
    subnormal = builder.fcmp_ordered("<", x, _like(smallest, kind))
    x = builder.select(subnormal, builder.fmul(x, _like(2.0**up, kind)), x)
    number = builder.bitcast(x, bits)
    exponent = builder.ashr(builder.sub(number, _like(root_half, bits)), _like(width, bits))
    mantissa = builder.bitcast(builder.sub(number, builder.shl(exponent, _like(width, bits))), kind)
    exponent = builder.sitofp(exponent, kind)
    exponent = builder.select(subnormal, builder.fsub(exponent, _like(float(up), kind)), exponent)
    return exponent, builder.fsub(mantissa, _like(1.0, kind))


def _log1p(builder: Any, f: Any) -> Any:
    """log(1 + f) in float64, for 1 + f in [sqrt(1/2), sqrt(2))."""
    s = builder.fdiv(f, builder.fadd(f, _like(2.0, f.type)))
    z = builder.fmul(s, s)
    twice = builder.fadd(s, s)
    return builder.fadd(twice, _product(builder, twice, _product(builder, z, _polynomial(builder, _ATANH, z))))


def _log(builder: Any, x: Any) -> Any:
    """log2(x) in float32, log(x) in float64, x > 0; finite at 0."""
    exponent, f = _split(builder, x)
    if isinstance(_element(x.type), ir.FloatType):
        return builder.fadd(_product(builder, f, _polynomial(builder, _LOG2, f)), exponent, flags=("contract",))
    return builder.fadd(_log1p(builder, f), _product(builder, exponent, _like(math.log(2.0), x.type)))


def _keep(builder: Any, comparison: str, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(comparison, a, b), a, b)


def _halves(builder: Any, vector: Any, lanes: int) -> tuple[Any, Any]:
    rest = ir.Constant(vector.type, ir.Undefined)
    low, high = (
        ir.Constant(ir.VectorType(_LANE, lanes), [ir.Constant(_LANE, k) for k in range(start, start + lanes)])
        for start in (0, lanes)
    )
    return builder.shuffle_vector(vector, rest, low), builder.shuffle_vector(vector, rest, high)


def _fold(builder: Any, vector: Any, operation: Callable[[Any, Any], Any]) -> Any:
    """All lanes by halves: the same order on every processor."""
    lanes = vector.type.count
    while lanes > 1:
        lanes //= 2
        vector = operation(*_halves(builder, vector, lanes))
    return builder.extract_element(vector, ir.Constant(_LANE, 0))


def _spread(builder: Any, number: Any, lanes: int) -> Any:
    """A number in every lane."""
    kind = ir.VectorType(number.type, lanes)
    undefined = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(_LANE, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_LANE, lanes), None))


@intrinsic
def lanes_of(typingctx, array):
    """Numbers in a vector, known when a loop is compiled."""
    kind = Vector(array.dtype)
    return types.intp(array), lambda context, *_: context.get_constant(types.intp, kind.lanes)


@intrinsic
def load(typingctx, array, start):
    """A vector of `array` (one axis, contiguous) from `start` on."""
    kind = Vector(array.dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), context.get_value_type(kind).as_pointer())
        return builder.load(place, align=array.dtype.bitwidth // 8)

    return kind(array, types.intp), codegen


@intrinsic
def filled(typingctx, array, number):
    """A vector of the type of `array` with a number in every lane."""
    kind = Vector(array.dtype)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _spread(builder, args[1], kind.lanes)

    return kind(array, array.dtype), codegen


@intrinsic
def only(typingctx, vector, first, stop, others):
    """The lanes in [first, stop) of a vector, those of another elsewhere."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(ir.IntType(64), vector.lanes)
        lane = ir.Constant(kind, [ir.Constant(kind.element, k) for k in range(vector.lanes)])
        from_first = builder.icmp_signed(">=", lane, _spread(builder, args[1], vector.lanes))
        to_stop = builder.icmp_signed("<", lane, _spread(builder, args[2], vector.lanes))
        return builder.select(builder.and_(from_first, to_stop), args[0], args[3])

    return vector(vector, types.int64, types.int64, vector), codegen


def _pairwise(emit: Callable[[Any, Any, Any], Any], doc: str) -> Any:
    def operation(typingctx, a, b):
        return a(a, b), lambda context, builder, signature, args: emit(builder, *args)

    operation.__doc__ = doc
    return intrinsic(operation)


def _across(emit: Callable[[Any, Any, Any], Any], doc: str) -> Any:
    def operation(typingctx, vector):
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return _fold(builder, args[0], lambda a, b: emit(builder, a, b))

        return vector.dtype(vector), codegen

    operation.__doc__ = doc
    return intrinsic(operation)


def _least(builder: Any, a: Any, b: Any) -> Any:
    return _keep(builder, "<", a, b)


def _most(builder: Any, a: Any, b: Any) -> Any:
    return _keep(builder, ">", a, b)


def _sum(builder: Any, a: Any, b: Any) -> Any:
    return builder.fadd(a, b)


def _sum_of_p_log_p(builder: Any, total: Any, p: Any) -> Any:
    return builder.fadd(total, _product(builder, p, _log(builder, p)), flags=("contract",))


plus = _pairwise(_sum, "Sum of two vectors.")
least = _pairwise(_least, "The smaller numbers of two vectors; of the second where they cannot be compared.")
most = _pairwise(_most, "The larger numbers of two vectors; of the second where they cannot be compared.")
plus_p_log_p = _pairwise(_sum_of_p_log_p, "A vector plus ``p log p``, to base 2 in float32 and e in float64.")
sum_of = _across(_sum, "Sum of the lanes.")
least_of = _across(_least, "Smallest lane.")
most_of = _across(_most, "Largest lane.")


@intrinsic
def second_of(typingctx, first, second):
    """Second largest number of a row whose lanes have their own two largest in `first` and `second`."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first, second = args
        lanes = first.type.count
        while lanes > 1:
            lanes //= 2
            a, b = _halves(builder, first, lanes)
            c, d = _halves(builder, second, lanes)
            first = _most(builder, a, b)
            second = _most(builder, _most(builder, c, d), _least(builder, a, b))
        return builder.extract_element(second, ir.Constant(_LANE, 0))

    return first.dtype(first, second), codegen


@intrinsic
def p_log_p(typingctx, p):
    """``p log p`` of a single float64."""
    return p(types.float64), lambda context, builder, signature, args: _product(
        builder, args[0], _log(builder, args[0])
    )


@intrinsic
def p_log_ratio(typingctx, p, off, mean_inverse):
    """``p log(p / m)`` in float64, from p, p - m and 1 / m: all digits of p - m are kept where p is near m."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        p, off, inverse = args
        exponent, f = _split(builder, builder.fmul(p, inverse))
        near = builder.fcmp_ordered("==", exponent, _like(0.0, exponent.type))
        f = builder.select(near, builder.fmul(off, inverse), f)
        log = builder.fadd(_log1p(builder, f), _product(builder, exponent, _like(math.log(2.0), p.type)))
        return builder.fmul(p, log)

    return types.float64(types.float64, types.float64, types.float64), codegen
