"""The dashboard's own widget: how things stand, and the buttons to change it by hand."""
