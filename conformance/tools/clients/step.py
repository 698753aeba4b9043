"""A step of a program: its function is run at once, and what it gives or raises tells whether the step went well."""

import sys


def step(name):
    def run(function):
        try:
            problem = None if function() else "not as it should be"
        except Exception as error:
            problem = f"{type(error).__name__}: {error}".splitlines()[0]
        if problem is None:
            print(name, flush=True)
        else:
            print(f"{name}: {problem}", file=sys.stderr)

    return run
