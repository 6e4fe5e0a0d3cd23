"""The Streamlit app: the frame of a page, the stage component, uploads, tables, charts and downloads."""
