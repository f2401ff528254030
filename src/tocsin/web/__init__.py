"""The web kit: layout, languages, errors, headers, live updates. It knows no domain."""
