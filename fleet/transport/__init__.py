"""Ways to reach a host: ssh (Fabric), local; and become, the dialogue that makes a runner somebody else's."""
