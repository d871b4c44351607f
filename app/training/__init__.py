"""From data to a published version. Law of this layer: data + families + networks; never reached from serving."""
