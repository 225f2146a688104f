"""SCIM 2.0 (RFC 7643, RFC 7644): by which identity providers keep the people and groups of an organisation. Resources
here are plain objects of JSON in one form: known attributes alone, each by the name and of the type that it has."""
