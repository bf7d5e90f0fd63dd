"""Nothing stops the advisor from being imported where there is no POSIX: on Windows."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((*(ROOT / "advisor").rglob("*.py"), *(ROOT / "screens").rglob("*.py")))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}
MODULES = {"fcntl", "termios", "tty", "pty", "resource", "pwd", "grp", "syslog", "readline", "curses", "posix"}
ATTRIBUTES = {
    "os": {"fork", "killpg", "getuid", "geteuid", "getgid", "setsid", "fchmod", "chown", "mkfifo", "wait4", "getpgid"},
    "signal": {"SIGKILL", "SIGHUP", "SIGWINCH", "SIGUSR1", "SIGALRM", "SIGCHLD", "SIGTSTP", "alarm", "setitimer"},
    "time": {"tzset"},
}
"""What only POSIX has of modules that are everywhere."""


def posix_only(tree: ast.AST, guarded: bool = False) -> Iterator[tuple[int, str]]:
    """(line, name) of what only POSIX has and no test of the platform guards."""
    for node in ast.iter_child_nodes(tree):
        here = guarded or _guards(node)
        if isinstance(node, ast.Import | ast.ImportFrom) and not here:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from ((node.lineno, name) for name in names if name.split(".")[0] in MODULES)
        owner = node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else ""
        if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES.get(owner, ()) and not here:
            yield node.lineno, f"{owner}.{node.attr}"
        yield from posix_only(node, here)


def _guards(node: ast.AST) -> bool:
    """Whether a platform is tested, or the lack of a module is caught."""
    if isinstance(node, ast.If):
        return any(
            word in ast.unparse(node.test) for word in ("os.name", "sys.platform", "hasattr(", "platform.system")
        )
    return isinstance(node, ast.Try) and any(
        handler.type is not None and "ImportError" in ast.unparse(handler.type) for handler in node.handlers
    )


def test_what_only_posix_has_is_guarded() -> None:
    found = {str(path.relative_to(ROOT)): list(posix_only(TREES[path])) for path in SOURCES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_search_finds_what_it_should() -> None:
    text = "import fcntl\nimport os, signal\nif os.name == 'posix':\n    import pwd\nos.killpg(1, signal.SIGKILL)\n"
    assert [name for _, name in posix_only(ast.parse(text))] == ["fcntl", "os.killpg", "signal.SIGKILL"]


def test_every_text_is_read_and_written_as_utf_8() -> None:
    """Windows would take its own code page."""
    loose = []
    for path in SOURCES:
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = " ".join(ast.unparse(one) for one in (*node.args, *node.keywords))
                if node.func.attr in ("read_text", "write_text") and "utf-8" not in given:
                    loose.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert loose == []


def test_every_module_is_imported_without_what_only_posix_has() -> None:
    code = f"""
import builtins, importlib, pkgutil
real = builtins.__import__

def on_windows(name, globals=None, locals=None, fromlist=(), level=0):
    asked_by = ((globals or {{}}).get("__name__") or "").split(".")[0]
    if name in {MODULES!r} and asked_by in ("advisor", "screens"):
        raise ModuleNotFoundError(f"no module named {{name}}", name=name)
    return real(name, globals, locals, fromlist, level)

builtins.__import__ = on_windows
import advisor, screens
packages = [(advisor, "advisor."), (screens, "screens.")]
names = [item.name for package, prefix in packages for item in pkgutil.walk_packages(package.__path__, prefix)]
for name in names:
    if not name.startswith("advisor.demo.") and name != "advisor.__main__":
        importlib.import_module(name)
print(len(names))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 100
