"""The files of an online filing, cut out of the packet."""
