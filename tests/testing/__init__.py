"""What the Python tests share: plain functions, one thing a file. README.md says which is where."""
