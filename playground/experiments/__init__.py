"""One steppable experiment per subject: a frozen Spec goes in, frozen Snapshots come out.

Nothing in this package imports Qt; a run is a pure function of its spec, its seed and its edits.
"""
