"""Does a method help the reps who use it? Judged on the deals that follow, chosen by the calendar."""
