"""What scripts/demo.py is made of: the command, the screen, the record of a run, and the pages drawn from it."""
