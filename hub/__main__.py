"""`python -m hub`: the `hub` command where no script is installed."""

from hub.cli import main

main()
