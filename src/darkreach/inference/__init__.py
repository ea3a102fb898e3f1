"""Statistics: a binned profile likelihood and the limits that follow from it."""
