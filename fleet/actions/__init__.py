"""The parts of modules that work on the controller: find, render and offer content, talk to the user, hold dialogues."""
