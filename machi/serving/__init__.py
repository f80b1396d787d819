"""The local what-if: one town on a bench, a worker that lives what is asked, and a door for this machine only."""
