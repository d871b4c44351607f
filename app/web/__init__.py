"""HTTP. Law of this layer: shapes in, a use case, shapes out; it knows no file, no model, no table."""
