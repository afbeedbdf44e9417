"""CloudFormation and IAM as far as teams' pages need them: the stand-in of client groups, with managed policies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.templates.page_template import page_resources
from tests.unit.aws.cloudformation_stand_in import StandIn, refusal


@dataclass
class PageStandIn(StandIn):
    """`documents`: what each managed policy says, by ARN."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def end(self, failure: str = "") -> None:
        stack = self.only()
        verb = stack.status.removesuffix("_IN_PROGRESS")
        if verb == "DELETE":
            self._remove(page_resources(stack.parameters) if stack.parameters else {})
            self.tell(stack, "DELETE_COMPLETE")
        elif failure:
            self.tell(stack, f"{verb}_FAILED", failure, about="Page")
            rollback = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
            self.tell(stack, f"{rollback}_IN_PROGRESS", "The following resource(s) failed: [Page].")
            self.tell(stack, f"{rollback}_COMPLETE")
        else:
            self._make(page_resources(stack.wanted))
            stack.parameters = stack.wanted
            self.tell(stack, f"{verb}_COMPLETE")

    def _make(self, resources: dict[str, Any]) -> None:
        page = resources["Page"]
        if "TeamGroup" in resources:
            group = resources["TeamGroup"]
            self.groups.setdefault(group["GroupName"], [])
            inline = {one["PolicyName"]: one["PolicyDocument"] for one in group["Policies"]}
            self.policies.setdefault(group["GroupName"], inline)
        arn = _arn(page)
        if arn not in self.documents:
            for group in page["Groups"]:
                self.attached.setdefault(group, []).append(arn)
        self.documents[arn] = page["PolicyDocument"]

    def _remove(self, resources: dict[str, Any]) -> None:
        if "Page" in resources:
            arn = _arn(resources["Page"])
            self.documents.pop(arn, None)
            for attached in self.attached.values():
                attached[:] = [one for one in attached if one != arn]
        if "TeamGroup" in resources:
            self.lose(resources["TeamGroup"]["GroupName"])

    def _get_group(self, given: dict[str, Any]) -> dict[str, Any]:
        self.paths.setdefault(given["GroupName"], "/switchyard/teams/prod/")
        return super()._get_group(given)

    def _get_policy(self, given: dict[str, Any]) -> dict[str, Any]:
        self._document(given["PolicyArn"])
        return {"Policy": {"Arn": given["PolicyArn"], "DefaultVersionId": "v7"}}

    def _get_policy_version(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["VersionId"] == "v7"
        return {"PolicyVersion": {"Document": json.dumps(self._document(given["PolicyArn"]))}}

    def _document(self, arn: str) -> dict[str, Any]:
        if arn not in self.documents:
            raise refusal("NoSuchEntity", f"Policy {arn} was not found.", 404)
        return self.documents[arn]


def _arn(page: dict[str, Any]) -> str:
    return f"arn:aws:iam::111111111111:policy{page['Path']}{page['ManagedPolicyName']}"
