"""The dialogue with a person who reports by text: a short code's, and a chat bot's. No I/O but in `store`."""
