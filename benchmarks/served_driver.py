"""Run a server as `python -m` would: `python served_driver.py MODULE ARGUMENTS…`, run by callgrind.

At each SIGUSR1 it calls getsid(2), which nothing else does, so that callgrind closes one account and opens the next.
"""

import gc
import os
import runpy
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: os.getsid(0) and None)
    # Collections would fall into one account or another.
    gc.disable()
    del sys.argv[0]
    # `-m` puts the folder it is run in before all others, and a program its own.
    sys.path[0] = os.getcwd()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
