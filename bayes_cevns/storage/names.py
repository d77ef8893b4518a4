"""Names of files in a results folder that more than one layer knows."""

#: How far the run of the folder is; no result, and nothing depends on it.
PROGRESS_FILE = "progress.json"

#: What a grid asks for, in its folder.
PLAN_FILE = "plan.toml"

#: How good the weights of a run that was reweighted are, in a folder that is no run.
WEIGHTS_FILE = "weights.csv"
