"""Qt building blocks that know no pane: theme, icons, cards, controls, plots, forms, errors."""
