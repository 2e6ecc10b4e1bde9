"""What can go wrong, as one line for a person and an exit code for a script."""


class Problem(Exception):
    """Something the caller can read and act on."""

    exit_code = 1


class Unavailable(Problem):
    """Java, Maven, OpenSSL or Kafka cannot be had here: a test that needs a broker is skipped, and says why."""

    exit_code = 77
