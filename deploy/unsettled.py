"""The note that a stage's new table has still to be told what an earlier deployment has left (deploy/settle_table.py).

It is a parameter of SSM beside the stage's secrets, written before a new stack takes anything over. A deployment that
fails or is cut short leaves it, and the next one settles the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


def note_unsettled(ssm: SSMClient, deployment: Deployment) -> None:
    """Note it."""
    ssm.put_parameter(Name=_name(deployment), Value="The new table is to be settled.", Type="String", Overwrite=True)


def is_unsettled(ssm: SSMClient, deployment: Deployment) -> bool:
    """Return whether it is noted."""
    try:
        ssm.get_parameter(Name=_name(deployment))
    except ssm.exceptions.ParameterNotFound:
        return False
    return True


def forget_unsettled(ssm: SSMClient, deployment: Deployment) -> None:
    """Take the note away: the table is settled, or gone."""
    try:
        ssm.delete_parameter(Name=_name(deployment))
    except ssm.exceptions.ParameterNotFound:
        return


def _name(deployment: Deployment) -> str:
    return deployment.secret_name("unsettled")
