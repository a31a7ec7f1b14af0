"""Lets the tests here import their helpers (run_module, tables of other tests, the web server) by name."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
