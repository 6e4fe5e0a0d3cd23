"""What is taught: the lesson, its pictures, the live stage and its exports. The operators are in ``roialign_core``."""
