"""``python -m ringbook`` is ``ringbook``."""

from ringbook.cli import main

if __name__ == "__main__":
    main()
