"""One file a screen; ui/menu.py says who is offered which."""
