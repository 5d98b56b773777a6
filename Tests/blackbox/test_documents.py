"""DIFFERENCES.md says what the markers in the tests say."""

import ast
import pathlib

FOLDER = pathlib.Path(__file__).parent


def differences_in_the_tests():
    """(server, reason) of each `differs` and `cached_only` in the files."""
    found = set()
    for file in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                arguments = [
                    argument.value for argument in node.args if isinstance(argument, ast.Constant)
                ]
                if node.func.attr == "differs":
                    found.add((arguments[0], node.keywords[0].value.value))
                elif node.func.attr == "cached_only":
                    found.add(("cached only", arguments[0]))
    return found


def differences_in_the_document():
    """The rows of the tables: | server | difference | ... |"""
    found = set()
    for line in (FOLDER / "DIFFERENCES.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] not in ("server", "---"):
            found.add((cells[0], cells[1]))
    return found


def test_the_document_lists_exactly_the_differences_that_the_tests_mark():
    assert differences_in_the_document() == differences_in_the_tests()
