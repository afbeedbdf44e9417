"""The `cfnresponse` module stands next to inline (ZipFile) Python code.

AWS CloudFormation User Guide, "cfn-response module": available only when the function's code is given as ZipFile.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

from ministack.services.cloudformation import provisioners

_MODULE = Path(__file__).with_name("cfnresponse.py")


def install() -> None:
    """Add the module to the archive ministack makes of inline code."""
    zip_inline = provisioners._zip_inline

    def with_cfnresponse(source: Any, handler: str, runtime: str = "python3.12") -> Any:
        archive = zip_inline(source, handler, runtime)
        if archive is None or not runtime.startswith("python"):
            return archive
        content = io.BytesIO(archive)
        with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as opened:
            opened.write(_MODULE, "cfnresponse.py")
        return content.getvalue()

    provisioners._zip_inline = with_cfnresponse
