"""Whether the kernel runs in FIPS mode."""

from fleet.remote import look

NAMES = ("fips",)
SUBSETS = ("fips",)


def collect(host):
    return {"fips": look.text("/proc/sys/crypto/fips_enabled") == "1"}
