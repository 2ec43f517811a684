"""The sentinel: asks both sides every two seconds, and says within seconds that new is down."""
