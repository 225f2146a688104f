"""Every limit."""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise

from clients.output import Output
from clients.typescript import writing
from protocol import limits


def typescript_limits() -> Iterator[Output]:
    """Every limit with its reason, which stands below it in the source."""
    parts = [writing.head("protocol/limits.py")]
    body = ast.parse(inspect.getsource(limits)).body
    for statement, following in pairwise(body):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        name = statement.target.id
        value = getattr(limits, name)
        assert isinstance(value, int)
        reason = ""
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            reason = writing.comment(str(following.value.value))
        parts.append(f"{reason}export const {name} = {value};\n")
    yield Output(f"{writing.FOLDER}/limits.ts", "\n".join(parts))
