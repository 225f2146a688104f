"""Sign-in of staff at an identity provider, by OpenID Connect."""
