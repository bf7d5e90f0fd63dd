"""Ask: who can do something, whether one can, what one can. The answer follows the typing."""
