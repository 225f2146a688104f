-- Splits what is kept of attempts into sixteen partitions each, by the hash of the attempt's id.
--
-- Once, after `pencilsdown migrate` and while no node runs, as the role that owns the tables; with rows in them the tables
-- are copied:
--
--     psql --single-transaction --set ON_ERROR_STOP=1 --file deploy/partitions.sql postgresql://...
--
-- Then `pencilsdown migrate` again, with the same roles: it gives the new tables their rights and their row-level security.
-- Without it no node starts.
--
-- All that belongs to one attempt lies in partitions of one number. Everything else (tests, the one row of each attempt
-- that others read, revocations) is small, and is asked for by other keys: it stays whole.

DO $$
DECLARE
  name text;
  number integer;
BEGIN
  -- The owner too sees no row of a table with row-level security unless it says so.
  PERFORM set_config('pencilsdown.sees', 'all', true);
  FOREACH name IN ARRAY ARRAY['attempt_log', 'snapshots', 'answers', 'results', 'outbox'] LOOP
    IF (SELECT relkind FROM pg_class WHERE oid = name::regclass) = 'p' THEN
      RAISE EXCEPTION '% is partitioned already', name;
    END IF;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', name, name || '_whole');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL) PARTITION BY HASH (attempt_id)', name, name || '_whole');
    FOR number IN 0..15 LOOP
      EXECUTE format(
        'CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
        name || '_' || to_char(number, 'FM00'), name, number
      );
    END LOOP;
    EXECUTE format('INSERT INTO %I SELECT * FROM %I', name, name || '_whole');
    EXECUTE format('DROP TABLE %I', name || '_whole');
  END LOOP;
END
$$;
