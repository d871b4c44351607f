"""Who a caller is, however they prove it: users, clients, keys, tokens and sessions."""
