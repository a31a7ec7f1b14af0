"""Lets the tests here import their helpers (run_module, tables of other tests) by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
