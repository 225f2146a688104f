-- The roles of a PostgreSQL database: one migrates and owns the tables, one is the nodes', one may delete.
--
-- Once, by a superuser, in the new database and before `pencilsdown migrate`:
--
--     MIGRATION_PASSWORD=… RUNTIME_PASSWORD=… psql --file deploy/roles.sql --dbname pencilsdown
--
-- Then migrate as pencilsdown_migration, which gives the other two their rights on each table:
--
--     pencilsdown migrate --runtime-role pencilsdown_runtime --eraser-role pencilsdown_eraser
--
-- Nodes connect as pencilsdown_runtime. It adds records to the log, and can't change, delete or drop any.
\set ON_ERROR_STOP on
\getenv migration_password MIGRATION_PASSWORD
\getenv runtime_password RUNTIME_PASSWORD

CREATE ROLE pencilsdown_migration LOGIN PASSWORD :'migration_password';
CREATE ROLE pencilsdown_runtime LOGIN PASSWORD :'runtime_password';
-- Row-level security holds organisations apart for all three: none is a superuser or has BYPASSRLS. A session that does not say
-- what it sees sees nothing. Nodes and `pencilsdown` say it; who looks with psql says: SET pencilsdown.sees = 'all'
-- Without a login, until somebody has to prune, or to erase a person (docs/privacy.md): ALTER ROLE pencilsdown_eraser LOGIN PASSWORD '…'
CREATE ROLE pencilsdown_eraser NOLOGIN;

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO pencilsdown_migration, pencilsdown_runtime, pencilsdown_eraser;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO pencilsdown_migration;
GRANT USAGE ON SCHEMA public TO pencilsdown_runtime, pencilsdown_eraser;
