"""The second half of the ten thousand damaged files, in a file of its own so that two workers share them."""

import pytest

from tests.data.test_mutations import check_part
from tests.mutating import parts


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", parts(range(5, 10)))
def test_ten_thousand_damaged_files_end_so_and_none_hangs_or_fills_the_memory(part: int) -> None:
    check_part(part)
