"""The lesson without a server: a folder of static files in which every visitor's browser runs the same Python."""
