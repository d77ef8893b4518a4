"""Commands in cells of pages (``!bayes-cevns ...``): what they print is shown, failures raise."""

import subprocess

from IPython import get_ipython


def _run(command: str) -> None:
    done = subprocess.run(
        get_ipython().var_expand(command), shell=True, capture_output=True, text=True, check=False
    )
    print(done.stdout, end="")
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")


get_ipython().system = _run
