"""What is deployed, one file a stack. Stacks only wire; the constructs decide.

Each is protected: `cdk destroy` deletes none before a person has said so of each (docs/runbook.md, leave).
"""
