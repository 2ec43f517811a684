"""What is deployed, one file a stack. Stacks only wire; the constructs decide."""
