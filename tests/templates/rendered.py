"""The client templates as a provider in eu-central-1 would publish them."""

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY, ClientConstants, render_client_templates

PROVIDER = "111111111111"
CONSTANTS = ClientConstants(
    provider_account=PROVIDER,
    events_url="https://abc123.execute-api.eu-central-1.amazonaws.com/events",
    audience=f"switchyard/prod/{PROVIDER}",
    templates_url="https://s3.eu-central-1.amazonaws.com/switchyard-prod-templates",
)
RENDERED = render_client_templates(CONSTANTS)
[CHILD_KEY] = RENDERED.keys() - {CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY}
