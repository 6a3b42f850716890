"""What is kept about people, for how long and why: the schedule, what it erases, and what people may ask for."""
