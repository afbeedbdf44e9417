"""What real AWS does and ministack 1.5.33 doesn't, one behaviour a module, put in place before the server starts.

Each module has `install()`. They replace functions of ministack by name, so the version is pinned, and a function that
is gone with another version fails at start with an AttributeError instead of quietly doing nothing.
"""

from pathlib import Path

from local.aws.gaps import (
    account_quotas,
    attachment_quota,
    callers,
    chained_sessions,
    concurrency_actions,
    custom_resources,
    deleted_stacks,
    function_updates,
    group_resource,
    groups,
    handler_exceptions,
    http_api_endpoint,
    inline_code,
    inline_group_policies,
    judgements,
    lambda_invocations,
    lambda_packages,
    lambda_workers,
    managed_policy_resource,
    missing_policies,
    nested_deletion,
    nested_rollback,
    nested_stacks,
    policy_arn_key,
    policy_deletion,
    policy_size,
    policy_versions,
    principal_arn_key,
    request_facts,
    resource_rights,
    role_resource,
    secure_transport,
    stack_descriptions,
    stack_events,
    stack_notifications,
    stack_operations,
    stack_status_events,
    sts_json,
    template_urls,
    user_group_quota,
)


def fill_gaps(*, port: int, runtime_dir: Path, sns_delay: float, function_update: float) -> None:
    """Replace what must be replaced; call once, before the first request."""
    judgements.install()
    callers.install()
    request_facts.install()
    concurrency_actions.install()
    secure_transport.install()
    principal_arn_key.install()
    groups.install()
    policy_arn_key.install()
    user_group_quota.install()
    account_quotas.install()
    attachment_quota.install()
    missing_policies.install()
    policy_size.install()
    policy_versions.install()
    policy_deletion.install()
    inline_group_policies.install()
    group_resource.install()
    managed_policy_resource.install()
    role_resource.install()
    resource_rights.install()
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
    function_updates.install(function_update)
    inline_code.install()
    http_api_endpoint.install(port)
    sts_json.install()
    chained_sessions.install()
