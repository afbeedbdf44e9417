"""A Python function finds the packages that AWS's runtime has, and no others of this machine.

AWS Lambda Developer Guide, "Working with .zip file archives for Python Lambda functions": the runtime includes the SDK;
everything else must be in the package. ministack runs functions with the whole of its own virtual environment.

A package is unpacked once and linked to by each process that runs it, where ministack unpacks it for every process:
that was most of what the local AWS did. Python then compiles it once, too.
"""

import hashlib
import importlib.util
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

_RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


def install(runtime_dir: Path) -> None:
    """Link the runtime's packages into `runtime_dir` and make it the functions' only site-packages."""
    runtime_dir.mkdir(parents=True)
    _unpack_once(runtime_dir.with_name("unpacked"))
    for name in _RUNTIME_PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise RuntimeError(f"The local AWS needs the package {name}; install requirements-dev.txt")
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (runtime_dir / source.name).symlink_to(source)
    only_these = (
        "import sys\n"
        "sys.path[:] = [p for p in sys.path if not p.endswith(('site-packages', 'dist-packages'))]\n"
        f"sys.path.append({str(runtime_dir)!r})\n"
    )
    lambda_runtime._PYTHON_WORKER_SCRIPT = only_these + lambda_runtime._PYTHON_WORKER_SCRIPT


def _unpack_once(folder: Path) -> None:
    """Have what is unpacked for a function be a link to a folder that is named after the archive's hash."""
    unpacking = threading.Lock()

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, *_: Any, **__: Any) -> None:
            kept = folder / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
            with unpacking:
                if not kept.exists():
                    half = kept.with_suffix(".half")
                    super().extractall(half)
                    half.rename(kept)
            Path(path).rmdir()
            Path(path).symlink_to(kept)

    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": Archive})
