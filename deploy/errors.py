"""What stops a deployment."""


class DeployError(Exception):
    """Base of all; `str(error)` says what happened and the next step."""


class NotReady(DeployError):
    """Something outside has to be set up first. Nothing was changed."""


class OslsFailed(DeployError):
    """osls could not deploy the stack; its own words are above."""


class TemplateNotPublic(DeployError):
    """Clients could not read the template we published."""


class DeployedUnreadable(DeployError):
    """AWS does not say what is deployed now. Nothing was changed."""
