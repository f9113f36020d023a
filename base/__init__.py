"""What everything rests on: settings, errors, files, locks, progress."""
