"""Reinforcement learning: one readable file an algorithm, every one steppable and copyable."""
