"""Pure functions over text: no input makes them raise, and none takes longer than linear time."""
