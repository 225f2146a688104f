"""The plots and tables of the documentation, made from the reports in `docs/measured`."""
