"""The dashboard's own widget: the present status, and buttons to roll back and release by hand."""
