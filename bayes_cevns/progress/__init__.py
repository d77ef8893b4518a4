"""How far a run is: counted once, told to a terminal, a log, a notebook and a file alike."""
