"""The rules of an organisation and of an attempt: who may do what, what a candidate is granted, and why she may not
begin. Pure: imports only `protocol`."""
