"""Bytecode in place of Python files, so that a browser need not compile them at every visit.

Run by the Python that will read it (``compile.mjs``). The standard library alone, for nothing else is there.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import marshal
import zipfile

DATE = (1980, 1, 1, 0, 0, 0)
UNCHECKED = (1).to_bytes(4, "little")  # a hash that is not compared with a source: there is none
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def compiled(archive: bytes) -> bytes:
    """The same zip archive with ``.pyc`` for ``.py``."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as sources, zipfile.ZipFile(whole, "w") as made:
        for name in sorted(sources.namelist()):
            content = sources.read(name)
            if name.endswith(".py"):
                name, content = name + "c", bytecode(content, name)
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, content, compresslevel=9)
    return whole.getvalue()


def bytecode(source: bytes, name: str) -> bytes:
    """A ``.pyc`` file. Docstrings are emptied, not left out: NumPy hands its own to C, which wants a text.

    >>> code = marshal.loads(bytecode(b"def f():\\n    'What f does.'\\n    assert False\\n", "f.py")[16:])
    >>> code.co_consts[0].co_consts[0], "AssertionError" in code.co_consts[0].co_names
    ('', False)
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.Expr(ast.Constant(""))
    code = compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True, optimize=0)
    return importlib.util.MAGIC_NUMBER + UNCHECKED + importlib.util.source_hash(source) + marshal.dumps(code)
