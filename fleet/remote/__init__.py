"""The code that runs on the hosts: bootstrap, loop, wire, spec, state. Python >= 3.6, standard library only."""
