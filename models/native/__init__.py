"""The native library: built for this machine, proved, measured, explained."""
