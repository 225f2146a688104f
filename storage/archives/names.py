"""Names of archives. The end of a name says which form the file has; what the file says is the same in each."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

Form = Literal["lines", "parquet"]
SUFFIX: Final[dict[Form, str]] = {"lines": ".jsonl.gz", "parquet": ".parquet"}
NEW: Final = ".new"
"""Behind the name of an archive of which the database may have something yet."""
INSTALL: Final = "install the packages of requirements-parquet.lock"


def name_of(path: Path) -> str:
    """The archive's name, whether it is finished or not."""
    return path.name.removesuffix(NEW)


def form_of(path: Path) -> Form:
    """Whoever copies an archive may call it as she likes, as long as a Parquet file is called one."""
    return "parquet" if name_of(path).endswith(SUFFIX["parquet"]) else "lines"


def is_installed(form: Form) -> bool:
    """Whether the package is there that it needs."""
    return form == "lines" or find_spec("pyarrow") is not None


def check_form(form: Form) -> None:
    """Raises `ValueError`."""
    if not is_installed(form):
        raise ValueError(f"needs a package that is not installed: {INSTALL}")
