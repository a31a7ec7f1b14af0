"""Disposable hosts on this machine: systemd-nspawn containers that fleet can be tried on.

Pure parts: ``settings``, ``hosts``, ``sources``. Edges: ``needs``, ``lock``, ``base``, ``overlay``,
``nspawn``, ``cgroups``, ``network``, ``wait``. ``lab`` puts them together.
"""
