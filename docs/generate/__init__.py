"""The pages that are written from the code: `python -m docs.generate` rewrites them all.

Each module has a function `pages()`, which returns the content of each of its pages by its path below the project.
"""
