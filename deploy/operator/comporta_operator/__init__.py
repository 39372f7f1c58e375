"""What an operator does with what the daemons cannot: parked parts, and a Redis to be made anew."""
