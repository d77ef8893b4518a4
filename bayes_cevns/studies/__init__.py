"""Studies: what a user asks for, from a request to the tables and figures in a folder."""
