"""`python -m services.operator` is the same as `doclink`."""

from services.operator.main import app

if __name__ == "__main__":
    app()
