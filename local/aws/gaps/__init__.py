"""What real AWS does and ministack 1.5.33 doesn't, one behaviour a module, put in place before the server starts.

Each module has `install()`. They replace functions of ministack by name, so the version is pinned, and a function that
is gone with another version fails at start with an AttributeError instead of quietly doing nothing.
"""

from pathlib import Path

from local.aws.gaps import (
    callers,
    custom_resources,
    deleted_stacks,
    group_resource,
    groups,
    handler_exceptions,
    http_api_endpoint,
    inline_code,
    lambda_invocations,
    lambda_packages,
    lambda_workers,
    nested_deletion,
    nested_rollback,
    nested_stacks,
    request_facts,
    role_resource,
    stack_descriptions,
    stack_events,
    stack_notifications,
    stack_operations,
    stack_status_events,
    sts_json,
    template_urls,
)


def fill_gaps(*, port: int, runtime_dir: Path, sns_delay: float) -> None:
    """Replace what must be replaced; call once, before the first request."""
    callers.install()
    request_facts.install()
    groups.install()
    group_resource.install()
    role_resource.install()
    template_urls.install(port)
    deleted_stacks.install()
    stack_operations.install()
    stack_descriptions.install()
    stack_events.install([stack_notifications.notify, stack_status_events.put_status_event])
    nested_stacks.install()
    nested_rollback.install()
    nested_deletion.install()
    custom_resources.install()
    lambda_invocations.install(sns_delay)
    lambda_workers.install()
    handler_exceptions.install()
    lambda_packages.install(runtime_dir)
    inline_code.install()
    http_api_endpoint.install(port)
    sts_json.install()
