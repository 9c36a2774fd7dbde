"""Loss surfaces over two numbers: test functions, typed formulas and slices of real networks.

:mod:`~playground.core.surfaces.surface` says what a surface is,
:mod:`~playground.core.surfaces.analytic` and :mod:`~playground.core.surfaces.learned` make them,
:mod:`~playground.core.surfaces.calculus` differentiates them with torch's autograd. The first three
need no torch.
"""
