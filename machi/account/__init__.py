"""What can be said of a finished result: how two differ, how to cite one, and how to hand it on."""
