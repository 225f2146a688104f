"""The rules of an attempt, one module for each area: pure decisions on what the server has loaded."""
