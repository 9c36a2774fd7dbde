"""The CNN pane: convolution laboratory, Fourier laboratory, and a network that learns."""
