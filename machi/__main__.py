"""`python -m machi` is the command `machi`."""

from machi.cli import main

if __name__ == "__main__":
    main()
