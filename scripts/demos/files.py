"""Files of a demo, and what is said of those that cannot be used."""
import hashlib
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class WrongInput(Exception):
    """The files given cannot be used; nothing is wrong with the project."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read_input(path):
    try:
        return read(path)
    except OSError as problem:
        raise WrongInput(f"cannot read {path}: {problem.strerror}") from None


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
