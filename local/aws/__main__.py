"""`python -m local.aws`: run the local AWS in the foreground until SIGINT or SIGTERM.

Standard output carries one line when it is ready; everything else is in `<state-dir>/aws.log`.
"""

import argparse
from pathlib import Path

from local.aws.server import serve


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.aws", description="The local AWS of Switchyard")
    parser.add_argument("--port", type=int, default=4566, help="loopback port to listen on (default 4566)")
    parser.add_argument(
        "--state-dir", type=Path, default=Path(".local/aws"), help="folder for the log and temporary files"
    )
    parser.add_argument(
        "--sns-delay",
        type=float,
        default=0.1,
        metavar="SECONDS",
        help="how long a notification travels before its Lambda is called (default 0.1)",
    )
    parser.add_argument(
        "--function-update",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long each function takes when a stack is updated (default 0: all change at once)",
    )
    arguments = parser.parse_args()
    serve(arguments.port, arguments.state_dir, arguments.sns_delay, arguments.function_update)


if __name__ == "__main__":
    main()
