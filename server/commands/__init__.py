"""The commands of `pencilsdown`, a module for each thing that they are about."""
