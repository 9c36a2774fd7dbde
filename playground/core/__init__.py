"""The mathematics of the playground: pure functions, frozen values, no clock, no global state."""
