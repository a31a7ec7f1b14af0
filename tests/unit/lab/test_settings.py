"""Options beat the environment, the environment beats the defaults, and nonsense is refused with a next step."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import OptionsError
from fleet.lab.settings import settings_from


def test_defaults() -> None:
    settings = settings_from({"HOME": "/home/ann"})
    assert settings.home == Path("/var/lib/fleet-lab")
    assert settings.cache == Path("/home/ann/.cache/fleet/lab")
    assert (settings.bridge, str(settings.network)) == ("fleetlab0", "10.78.0.0/16")


def test_options_beat_the_environment() -> None:
    env = {
        "FLEET_LAB_HOME": "/srv/lab",
        "FLEET_LAB_CACHE": "/srv/cache",
        "FLEET_LAB_BRIDGE": "envbr",
        "FLEET_LAB_NETWORK": "10.1.0.0/16",
    }
    settings = settings_from(env, bridge="optbr")
    assert (settings.bridge, str(settings.network)) == ("optbr", "10.1.0.0/16")
    assert (settings.inventory, settings.cache) == (Path("/srv/lab/inventory.ini"), Path("/srv/cache"))


def test_the_cache_follows_xdg() -> None:
    assert settings_from({"XDG_CACHE_HOME": "/x", "HOME": "/h"}).cache == Path("/x/fleet/lab")


def test_addresses_follow_the_gateway() -> None:
    settings = settings_from({}, network="10.9.0.0/16")
    assert str(settings.gateway) == "10.9.0.1"
    assert str(settings.address(1)) == "10.9.0.2"
    assert str(settings.address(255)) == "10.9.1.0"


def test_a_full_network_says_so() -> None:
    settings = settings_from({}, network="10.9.0.0/28")
    assert str(settings.address(settings.capacity)) == "10.9.0.14"
    with pytest.raises(OptionsError, match="addresses for 13 hosts, not for host 14"):
        settings.address(14)


@pytest.mark.parametrize(
    ("env", "bridge", "network", "said"),
    [
        ({}, "Bridge", None, "'Bridge' is no name for a bridge"),
        ({}, "abcdefghijklmnop", None, "is no name for a bridge"),
        ({}, None, "10.78.0.1/16", "is no IPv4 network: .*host bits"),
        ({}, None, "ten", "'ten' is no IPv4 network"),
        ({}, None, "10.0.0.0/30", "too narrow or too wide"),
        ({"FLEET_LAB_HOME": "/my lab"}, None, None, "cannot live in '/my lab'.*FLEET_LAB_HOME"),
        ({"FLEET_LAB_CACHE": "/a:b"}, None, None, "cannot live in '/a:b'.*FLEET_LAB_CACHE"),
    ],
)
def test_nonsense_is_refused(env: dict[str, str], bridge: str | None, network: str | None, said: str) -> None:
    with pytest.raises(OptionsError, match=said):
        settings_from(env, bridge, network)
