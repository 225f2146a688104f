"""The server: REST, sockets, live attempts with their timers, the relay, the sweeper, the command line."""
