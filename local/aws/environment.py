"""The environment ministack and the Lambdas it starts see, and nothing else of the machine's.

ministack reads its settings when it is imported and hands its own environment to every Lambda. A developer's AWS
profile, proxy or PYTHONPATH must reach neither.
"""

from collections.abc import Mapping
from pathlib import Path

PROVIDER_ACCOUNT = "111111111111"
REGION = "us-east-1"
HOST = "127.0.0.1"
READY = "Local AWS on"
CLOUDFORMATION_FAILS_PATH = "/_local/cloudformation-fails"

_KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")


def ministack_environment(machine: Mapping[str, str], port: int, state_dir: Path) -> dict[str, str]:
    """The whole environment of the server process; `state_dir` must be absolute."""
    nowhere = str(state_dir / "none")
    return {
        **{name: machine[name] for name in _KEPT if name in machine},
        "TMPDIR": str(state_dir / "tmp"),
        "STATE_DIR": str(state_dir / "tmp" / "state"),
        "S3_DATA_DIR": str(state_dir / "tmp" / "s3"),
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_ACCOUNT_ID": PROVIDER_ACCOUNT,
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": f"unix://{nowhere}",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "NO_PROXY": "*",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
    }
