"""The room doors.files."""
