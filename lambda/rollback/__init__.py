"""The rollback function: throws and releases the switch, and says what it says."""
