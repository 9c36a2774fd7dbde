"""The rooms of the playground: one pane shows one experiment.

A pane draws what the training thread publishes and sends commands; it never trains by itself.
Panes never import each other.
"""
