"""What is looked at: maps, scenarios, walks, the quiz, a session. NumPy and the standard library only."""
