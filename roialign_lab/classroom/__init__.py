"""The room that answers: a class follows what the lecturer shows, predicts, and sees what it thinks."""
