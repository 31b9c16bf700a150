"""What goes wrong on real machines, made to happen: each injector is named for its fault."""
