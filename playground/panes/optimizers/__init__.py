"""The optimizer race pane: one surface, many optimizers, and everything told about them."""
