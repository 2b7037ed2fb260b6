"""How well the stages flow, and how well leads reach somebody."""
