"""The rules of an organisation: who may do what, and what a candidate is granted. Pure: imports only `protocol`."""
