"""Which permissions of CloudFormation's handlers serve one property alone, as the registry does not say.

Such a permission is not asked for while the template lacks the property. Whatever else a handler lists, reading
included, is taken to be needed.
"""

from collections.abc import Mapping

NEVER = ""
"""Instead of a property: IAM knows no such action, or no template of ours can need it."""

ONLY_WITH: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGatewayV2::Api": {"s3:getObject": "BodyS3Location"},
    "AWS::ApiGatewayV2::Integration": {"iam:PassRole": "CredentialsArn"},
    "AWS::DynamoDB::Table": {
        "dynamodb:*Import*": "ImportSourceSpecification",
        "logs:*": "ImportSourceSpecification",
        "s3:*": "ImportSourceSpecification",
        "kinesis:*": "KinesisStreamSpecification",
        "dynamodb:*ableKinesisStreamingDestination": "KinesisStreamSpecification",
        "dynamodb:UpdateKinesisStreamingDestination": "KinesisStreamSpecification",
        "dynamodb:UpdateContributorInsights": "ContributorInsightsSpecification",
        "iam:CreateServiceLinkedRole": "ContributorInsightsSpecification",
        "dynamodb:PutResourcePolicy": "ResourcePolicy",
        "dynamodb:DeleteResourcePolicy": "ResourcePolicy",
        "kms:*": "KMSMasterKeyId",
        # For global tables, whose handler shares the list.
        "dynamodb:*TableReplica": NEVER,
        "dynamodb:*Item": NEVER,
        "dynamodb:Scan": NEVER,
        "dynamodb:Query": NEVER,
    },
    "AWS::Events::Rule": {"iam:PassRole": "RoleArn"},
    "AWS::IAM::Role": {
        "iam:*tachRolePolicy": "ManagedPolicyArns",
        "iam:*RolePermissionsBoundary": "PermissionsBoundary",
    },
    "AWS::Lambda::Function": {
        "lambda:*FunctionConcurrency": "ReservedConcurrentExecutions",
        "ec2:*": "VpcConfig",
        "elasticfilesystem:*": "FileSystemConfigs",
        "s3files:*": "FileSystemConfigs",
        "kms:*": "KmsKeyArn",
        "lambda:GetLayerVersion": "Layers",
        "lambda:GetCodeSigningConfig": "CodeSigningConfigArn",
        "lambda:PutFunctionCodeSigningConfig": "CodeSigningConfigArn",
        "lambda:DeleteFunctionCodeSigningConfig": "CodeSigningConfigArn",
        "lambda:PutRuntimeManagementConfig": "RuntimeManagementConfig",
        "lambda:AssociateRuntimeAlias": "RuntimeManagementConfig",
        "lambda:PutFunctionRecursionConfig": "RecursiveLoop",
        "lambda:PutFunctionScalingConfig": "FunctionScalingConfig",
        "lambda:PassCapacityProvider": "CapacityProviderConfig",
        "lambda:PublishVersion": "PublishToLatestPublished",
        # For code that names a version of its object, which osls does not.
        "s3:GetObjectVersion": NEVER,
    },
    "AWS::Logs::LogGroup": {
        "logs:PutDataProtectionPolicy": "DataProtectionPolicy",
        "logs:DeleteDataProtectionPolicy": "DataProtectionPolicy",
        "logs:CreateLogDelivery": "DataProtectionPolicy",
        "s3:REST.PUT.OBJECT": "DataProtectionPolicy",
        "firehose:*": "DataProtectionPolicy",
        "logs:PutResourcePolicy": "ResourcePolicyDocument",
        "logs:DeleteResourcePolicy": "ResourcePolicyDocument",
        "logs:PutIndexPolicy": "FieldIndexPolicies",
        "logs:DeleteIndexPolicy": "FieldIndexPolicies",
        "logs:*sociateKmsKey": "KmsKeyId",
        "logs:PutLogGroupDeletionProtection": "DeletionProtectionEnabled",
        "logs:PutBearerTokenAuthentication": "BearerTokenAuthenticationEnabled",
    },
    "AWS::S3::Bucket": {
        "s3:PutAnalyticsConfiguration": "AnalyticsConfigurations",
        "s3:PutBucketCORS": "CorsConfiguration",
        "s3:PutInventoryConfiguration": "InventoryConfigurations",
        "s3:PutLifecycleConfiguration": "LifecycleConfiguration",
        "s3:PutMetricsConfiguration": "MetricsConfigurations",
        "s3:PutBucketNotification": "NotificationConfiguration",
        "s3:Put*Replication*": "ReplicationConfiguration",
        "iam:PassRole": "ReplicationConfiguration",
        "s3:*BucketWebsite": "WebsiteConfiguration",
        "s3:PutAccelerateConfiguration": "AccelerateConfiguration",
        "s3:Put*ObjectLockConfiguration": "ObjectLockConfiguration",
        "s3:PutBucketLogging": "LoggingConfiguration",
        "s3:PutIntelligentTieringConfiguration": "IntelligentTieringConfigurations",
        "s3:CreateBucketMetadata*": "MetadataTableConfiguration",
        "s3:UpdateBucketMetadata*": "MetadataTableConfiguration",
        "s3:DeleteBucketMetadata*": "MetadataTableConfiguration",
        "s3tables:*": "MetadataTableConfiguration",
        "s3:Put*Acl": "AccessControl",
        "s3:GetBucketAcl": "AccessControl",
        "s3:PutBucketAbac": "AbacStatus",
        "s3:DeleteObject": NEVER,
        # No actions of IAM: S3 asks for the Put action of the same configuration.
        "s3:DeleteBucket?*": NEVER,
    },
    "AWS::SNS::Topic": {
        "sns:*ubscribe": "Subscription",
        "sns:PutDataProtectionPolicy": "DataProtectionPolicy",
        "iam:*Role": "DeliveryStatusLogging",
    },
}
"""By resource type: actions, with wildcards, that are asked for only when the template has a property."""
