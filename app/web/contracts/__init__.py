"""Routes of other systems, one file each: their bytes in, a use case, their bytes out. None is there by default."""
