"""What computes fastest on this machine, measured."""
