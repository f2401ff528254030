"""Reports from files: JSON lines, CSV, and the FTC's Do Not Call complaints."""
