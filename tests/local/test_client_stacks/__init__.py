"""What a client deploys, as it is published, on the local AWS with its signatures and policies enforced."""
