"""The package that all Lambdas share: our own code, what `make setup` installed for it, and bytecode where possible.

The archive is the same to the byte for the same input, so that osls deploys nothing where nothing has changed. Bytecode
(PEP 552, "unchecked-hash": Python trusts it without looking at the source) shortens a cold start. Only a Python of the
Lambdas' version can make it. Without one the package holds none, and the deployment says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

from deploy.errors import NotReady

PROJECT = Path(__file__).resolve().parent.parent
INSTALLED = "build/lambda"
"""What the Lambdas need besides our own code, installed by `make setup`."""
PACKAGE = "build/package/switchyard.zip"
"""Where serverless.yml expects the package."""
LAMBDA_PYTHON = "3.13"
_OWN = ("bot", "handlers")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NEVER_USED = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!_j]*",  # but jmespath_utils, which the logger imports
    "slack",
    "slack_bolt/*async_*",
    "slack_bolt/adapter",
    "slack_sdk/web/async_*",
    "slack_sdk/audit_logs",
    "slack_sdk/rtm",
    "slack_sdk/rtm_v2",
    "slack_sdk/scim",
    "slack_sdk/socket_mode",
    "slack_sdk/web/legacy_*",
)
"""Parts of the installed packages that no Lambda imports."""
_LOADED = """
import importlib, pathlib, pkgutil, sys
root = pathlib.Path.cwd()
sys.path.insert(0, str(root))
for own in sys.argv[1:]:
    for found in pkgutil.walk_packages([own], f"{own}."):
        importlib.import_module(found.name)
for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None)
    if path and path.endswith(".py") and root in pathlib.Path(path).parents:
        print(pathlib.Path(path).relative_to(root))
"""


def build_package(project: Path = PROJECT, environ: Mapping[str, str] = os.environ) -> tuple[Path, bool]:
    """Write the package. Return its path, and whether it holds bytecode. Raises NotReady before `make setup`."""
    installed = project / INSTALLED
    if not (installed / "slack_bolt").is_dir():
        raise NotReady(f"{INSTALLED} holds no packages for the Lambdas. Run 'make setup' first.")
    package = project / PACKAGE
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder)
        for name in _OWN:
            shutil.copytree(project / name, staged / name, ignore=_unwanted(project))
        shutil.copytree(installed, staged, ignore=_unwanted(installed), dirs_exist_ok=True)
        python = lambda_python(environ)
        if python is not None:
            _compile(staged, python)
        _write(staged, package)
    return package, python is not None


def _unwanted(root: Path) -> Callable[[str, list[str]], set[str]]:
    """What `shutil.copytree` is to leave out below this folder."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).relative_to(root)
        never = {name for name in names if any(fnmatch((here / name).as_posix(), one) for one in _NEVER_USED)}
        return never | {name for name in names if name.endswith((".dist-info", "__pycache__", ".pyc", ".installed"))}

    return ignored


def lambda_python(environ: Mapping[str, str]) -> str | None:
    """Return a Python of the Lambdas' version, from PATH, uv or pyenv; None where there is none."""
    pyenv = Path(environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [
        *filter(None, [shutil.which(f"python{LAMBDA_PYTHON}", path=environ.get("PATH")), _known_to_uv(environ)]),
        *(str(one) for one in sorted(pyenv.glob(f"{LAMBDA_PYTHON}.*/bin/python"))),
    ]
    return next((one for one in candidates if _version(one) == LAMBDA_PYTHON), None)


def _known_to_uv(environ: Mapping[str, str]) -> str:
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), "python", "find", LAMBDA_PYTHON, "--no-project", "--no-python-downloads", "--offline"]
    return _output(command, dict(environ)) if uv.exists() else ""


def _version(python: str) -> str:
    return _output([python, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"], None)


def _output(command: list[str], environ: dict[str, str] | None) -> str:
    """What the command prints; nothing when it fails or isn't there."""
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _compile(staged: Path, python: str) -> None:
    """Compile what is loaded when the Lambdas run: bytecode of everything would only make the package larger.

    Without docstrings and assertions, as `python -OO` compiles, it is smaller and loads sooner. Ours has no assertions.
    """
    listed = [sys.executable, "-B", "-c", _LOADED, *_OWN]
    modules = subprocess.run(listed, cwd=staged, stdout=subprocess.PIPE, text=True, check=True).stdout
    command = [python, "-m", "compileall", "-q", "-f", "-o", "2", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(staged), "-p", "/var/task", "-i", "-"]
    absolute = "".join(f"{staged / line}\n" for line in sorted(modules.splitlines()))
    subprocess.run(command, cwd=staged, input=absolute, text=True, check=True)
    for compiled in staged.rglob("*.opt-2.pyc"):
        compiled.rename(compiled.with_name(compiled.name.replace(".opt-2", "")))


def _write(staged: Path, package: Path) -> None:
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(staged):
            entry = zipfile.ZipInfo(path.relative_to(staged).as_posix(), _EPOCH)
            entry.external_attr, entry.compress_type = 0o100644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
