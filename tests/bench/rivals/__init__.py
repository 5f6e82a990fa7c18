"""Other ways to do the work of a link, small and honest, to be measured beside ours."""
