"""How texts of questions are written: Markdown, formulas and HTML become bodies. Pure functions."""
