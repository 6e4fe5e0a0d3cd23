"""Figures and decks as files: matplotlib, python-pptx and Pillow draw what ``roialign_lab.figures`` places."""
