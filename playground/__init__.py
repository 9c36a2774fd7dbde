"""The neural-network playground: experiments a person can touch, rewind and branch."""

__version__ = "0.1.0"
