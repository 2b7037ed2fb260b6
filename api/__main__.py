"""`python -m api …` is `dojo …`, for who has no scripts folder on the path."""

from api.cli import main

if __name__ == "__main__":
    main()
