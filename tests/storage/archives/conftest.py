"""What looks at files of archives looks at both forms."""

from typing import get_args

import pytest

from storage.archives.names import Form


@pytest.fixture(params=get_args(Form))
def form(request: pytest.FixtureRequest) -> Form:
    found: Form = request.param
    return found
