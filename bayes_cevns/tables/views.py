"""Parts of arrays for Numba, without the checks and the counting of references of slices."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from bayes_cevns.arrays import Array
from bayes_cevns.tables.compiled import kernel


def _view(array: Any, shape: tuple[Any, ...]) -> Any:
    """Return the signature and the code of a part of an array."""
    dims = len(shape)
    kind = types.Array(array.dtype, dims, "C")

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = make_array(signature.args[0])(context, builder, arguments[0])
        sizes = list(arguments[2:])
        item = context.get_abi_sizeof(context.get_data_type(array.dtype))
        step = context.get_constant(types.intp, item)
        strides: list[Any] = []
        for size in reversed(sizes):
            strides.insert(0, step)
            step = builder.mul(step, size)
        found = make_array(kind)(context, builder)
        populate_array(
            found,
            data=builder.gep(base.data, [arguments[1]]),
            shape=cgutils.pack_array(builder, sizes),
            strides=cgutils.pack_array(builder, strides),
            itemsize=context.get_constant(types.intp, item),
            meminfo=None,
        )
        return found._getvalue()  # as Numba's own functions do

    return kind(array, types.intp, *([types.intp] * dims)), code


@intrinsic
def view(_context: Any, array: Any, at: Any, size: Any) -> Any:
    """Return some elements of a contiguous array, which must live longer; nothing is checked."""
    del at
    return _view(array, (size,))


@intrinsic
def matrix(_context: Any, array: Any, at: Any, rows: Any, columns: Any) -> Any:
    """Return some elements as a matrix, likewise."""
    del at
    return _view(array, (rows, columns))


@intrinsic
def solid(_context: Any, array: Any, at: Any, first: Any, second: Any, third: Any) -> Any:
    """Return some elements as an array of three dimensions, likewise."""
    del at
    return _view(array, (first, second, third))


@intrinsic
def solid4(
    _context: Any, array: Any, at: Any, first: Any, second: Any, third: Any, fourth: Any
) -> Any:
    """Return some elements as an array of four dimensions, likewise."""
    del at
    return _view(array, (first, second, third, fourth))


@intrinsic
def pointer(_context: Any, address: Any) -> Any:
    """Return an address as a pointer."""

    def code(_target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        del signature
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), code


@kernel
def fill(out: Array, value: float) -> None:
    """Fill an array of one dimension; a slice that is assigned takes longer to compile."""
    for i in range(out.size):
        out[i] = value


@kernel
def copy_to(out: Array, source: Array) -> None:
    """Fill an array of one dimension with the elements of another one, likewise."""
    for i in range(out.size):
        out[i] = source[i]


@kernel
def total_of(array: Array) -> float:
    """Return the sum of an array of one dimension, likewise."""
    total = 0.0
    for i in range(array.size):
        total += array[i]
    return total
