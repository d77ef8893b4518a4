"""``python -m bayes_cevns``: the command line."""

from bayes_cevns.cli import main

if __name__ == "__main__":
    main()
