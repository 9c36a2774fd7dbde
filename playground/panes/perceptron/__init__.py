"""The perceptron pane: one plane of points, any number of lines that learn on it."""
