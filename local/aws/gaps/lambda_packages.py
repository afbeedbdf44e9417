"""A Python function finds the packages that AWS's runtime has, and no others of this machine.

AWS Lambda Developer Guide, "Working with .zip file archives for Python Lambda functions": the runtime includes the SDK;
everything else must be in the package. ministack runs functions with the whole of its own virtual environment.
"""

import importlib.util
from pathlib import Path

from ministack.core import lambda_runtime

_RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")


def install(runtime_dir: Path) -> None:
    """Link the runtime's packages into `runtime_dir` and make it the functions' only site-packages."""
    runtime_dir.mkdir(parents=True)
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
