"""The weight-initialisation pane: histograms of every layer, forward and backward, and views."""
