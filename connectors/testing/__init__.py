"""What every connector's tests share: stand-ins for platforms, faults on request, the contract."""

from __future__ import annotations

import sys

if (pytest := sys.modules.get("pytest")) is not None:  # a stand-in also runs without it
    # The contract's assertions then say what differed, in whosever tests inherit it.
    pytest.register_assert_rewrite("connectors.testing.contract")
