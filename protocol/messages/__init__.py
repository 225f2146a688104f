"""The definition of the wire: one small immutable type for each message, tagged by the field `t`.

Every field is present; one without a value is nil. Integers are below 2^53, and there are no floats. The fields go over
the wire in the order in which they stand here, so every language makes the same bytes. Instants (`*_ms`) are
milliseconds since the Unix epoch, UTC, by the server's clock; `client_at_ms` is the client's, and decides nothing.
"""
