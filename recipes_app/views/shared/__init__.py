"""What several pages need: access, actions, refusals, labels, context processors. Imports no other room of the views."""
