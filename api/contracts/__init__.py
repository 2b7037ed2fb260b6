"""The shapes that travel over HTTP; shared with the screens, so they import nothing else of ours."""
