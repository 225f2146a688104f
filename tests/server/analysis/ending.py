"""A program that ends as its order says: python -m tests.server.analysis.ending

The order is the status, where it is negative a signal; 0 after it has read everything and written it back. Or the order
is to `never` end, or to write which environment was `given`.
"""

import json
import os
import sys
import time


def main() -> None:
    order = sys.stdin.buffer.readline()
    if order == b"never\n":
        time.sleep(3_600)
    if order == b"given\n":
        json.dump(dict(os.environ), sys.stdout)
        sys.exit()
    status = int(order)
    if status < 0:
        os.kill(os.getpid(), -status)
    if status == 0:
        sys.stdout.buffer.write(sys.stdin.buffer.read())
    sys.exit(status)


if __name__ == "__main__":
    main()
