"""How figures and stored arrays are read: strict tables and forms; every refusal names the file, field and remedy."""
