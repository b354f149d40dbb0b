"""Chat: visitors and agents talking over a websocket, told from the event log."""
