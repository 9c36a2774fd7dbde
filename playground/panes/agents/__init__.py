"""The pane of agents that learn to land, to drive, and whatever else has a few actions."""
