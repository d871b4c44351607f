"""The OAuth2 server. Law of this package: it alone knows Authlib and joserfc, and imports them when they are needed."""
