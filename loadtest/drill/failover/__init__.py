"""PostgreSQL on three machines, as `deploy/failover-*` set it up: each machine is a namespace of its own."""
