"""A promotion's two custom resources: the gate before the weights move, the bake after."""
