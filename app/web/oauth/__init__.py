"""The routes of the OAuth2 server. Law of this package: they only carry what `service/oauth` says."""
