"""A change on its way: what it changes, the plan that was reviewed, and the apply of that plan or nothing."""
