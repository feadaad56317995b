"""Run the command line: `python -m goldwire`."""

from goldwire.cli import main

if __name__ == "__main__":
    main()
