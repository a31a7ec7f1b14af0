"""The parts of modules that work on the controller: render and offer content, ask the user, hold dialogues."""
