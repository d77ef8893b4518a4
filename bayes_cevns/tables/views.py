"""Parts of arrays for Numba, without the checks and the counting of references of slices."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
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


def _array_at(kind: Any) -> Any:
    """Return an intrinsic that makes an array of one dimension of what is at an address."""

    @intrinsic
    def array(_context: Any, _address: Any, _size: Any) -> Any:
        found = types.Array(kind, 1, "C")

        def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            item = context.get_abi_sizeof(context.get_data_type(kind))
            width = context.get_constant(types.intp, item)
            made = make_array(found)(context, builder)
            populate_array(
                made,
                data=builder.inttoptr(arguments[0], context.get_data_type(kind).as_pointer()),
                shape=cgutils.pack_array(builder, [arguments[1]]),
                strides=cgutils.pack_array(builder, [width]),
                itemsize=width,
                meminfo=None,
            )
            return made._getvalue()

        return found(types.intp, types.intp), code

    return array


#: Numbers, and integers, from an address on: address and size -> an array that owns nothing.
numbers_at, integers_at = _array_at(types.float64), _array_at(types.int64)


@intrinsic
def allocate(_context: Any, _size: Any) -> Any:
    """Return the address of so many bytes that C allocates, zero if it cannot."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(cgutils.voidptr_t, [cgutils.intp_t])
        malloc = cgutils.get_or_insert_function(builder.module, kind, "malloc")
        return builder.ptrtoint(builder.call(malloc, arguments), cgutils.intp_t)

    return types.intp(types.intp), code


@intrinsic
def release(_context: Any, _address: Any) -> Any:
    """Give back what `allocate` has returned."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t])
        free = cgutils.get_or_insert_function(builder.module, kind, "free")
        builder.call(free, [builder.inttoptr(arguments[0], cgutils.voidptr_t)])
        return context.get_dummy_value()

    return types.void(types.intp), code


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
