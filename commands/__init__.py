"""What people run at a terminal, beside `cdk` itself."""
