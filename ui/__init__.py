"""The Streamlit side: the frame of a page, what is being looked at, the live stage, the controls."""
