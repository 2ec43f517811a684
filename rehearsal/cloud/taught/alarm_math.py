"""CloudWatch metric math, as far as an alarm of ours uses it: numbers and series, + - * /, comparisons,
FILL and IF.

A series is a list of values, one a period, `None` where there is no datapoint.
Source: CloudWatch User Guide, using-metric-math.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Final

Series = list[float | None]
Value = float | Series

_OPERATIONS: Final[dict[type[ast.AST], Callable[[float, float], float | None]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b if b else None,
    ast.Gt: lambda a, b: float(a > b),
    ast.GtE: lambda a, b: float(a >= b),
    ast.Lt: lambda a, b: float(a < b),
    ast.LtE: lambda a, b: float(a <= b),
    ast.Eq: lambda a, b: float(a == b),
    ast.NotEq: lambda a, b: float(a != b),
}


class MetricMathError(ValueError):
    """The expression uses something that is not taught here."""


def evaluate(expression: str, series: Mapping[str, Series]) -> Series:
    """Return the series that `expression` makes of `series`, all of one length.

    Raises
    ------
    MetricMathError
        When the expression is not understood, or names a series that is not there.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except SyntaxError as error:
        raise MetricMathError(f"cannot read the expression {expression!r}") from error
    length = max((len(values) for values in series.values()), default=0)
    value = _value(tree, series)
    return value if isinstance(value, list) else [value] * length


def _value(node: ast.AST, series: Mapping[str, Series]) -> Value:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in series:
            raise MetricMathError(f"{node.id} is not a metric of this alarm")
        return list(series[node.id])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _combine(_OPERATIONS[ast.Sub], 0.0, _value(node.operand, series))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _combine(
            _OPERATIONS[type(node.op)], _value(node.left, series), _value(node.right, series)
        )
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _combine(
            _OPERATIONS[type(node.ops[0])],
            _value(node.left, series),
            _value(node.comparators[0], series),
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _call(node.func.id, [_value(argument, series) for argument in node.args])
    raise MetricMathError(f"{ast.unparse(node)} is not taught to the embedded cloud")


def _call(name: str, arguments: list[Value]) -> Value:
    if name == "FILL" and len(arguments) == 2 and isinstance(arguments[1], float):
        values, filling = arguments[0], arguments[1]
        if not isinstance(values, list):
            return values
        filled: Series = []
        filled.extend(filling if value is None else value for value in values)
        return filled
    if name == "IF" and len(arguments) == 3:
        return _choose(*arguments)
    raise MetricMathError(f"{name} with {len(arguments)} arguments is not taught")


def _choose(condition: Value, then: Value, otherwise: Value) -> Value:
    if not isinstance(condition, list):
        return then if condition else otherwise
    chosen: Series = []
    for index, truth in enumerate(condition):
        chosen.append(None if truth is None else _at(then if truth else otherwise, index))
    return chosen


def _combine(operation: Callable[[float, float], float | None], left: Value, right: Value) -> Value:
    if not isinstance(left, list) and not isinstance(right, list):
        result = operation(left, right)
        if result is None:
            raise MetricMathError("division by zero between two numbers")
        return result
    length = len(left) if isinstance(left, list) else len(right) if isinstance(right, list) else 0
    combined: Series = []
    for index in range(length):
        one, other = _at(left, index), _at(right, index)
        combined.append(None if one is None or other is None else operation(one, other))
    return combined


def _at(value: Value, index: int) -> float | None:
    return value[index] if isinstance(value, list) else value
