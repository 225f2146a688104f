"""What follows from changes of people, groups and what is granted to them; erasing a person."""
