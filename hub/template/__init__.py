"""Tea Shop: its orders on the customer's timeline."""
