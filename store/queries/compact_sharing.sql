-- rows: files among $files that share a key with another, or hold one twice
-- grain: one row a file
-- {key} is replaced by the key columns of the table, which stand in schema.py
WITH stored AS NOT MATERIALIZED (
    SELECT {key}, filename FROM read_parquet($files, hive_partitioning = false, union_by_name = true, filename = true)
),
repeated AS (
    SELECT {key} FROM stored GROUP BY {key} HAVING count(*) > 1
)
SELECT DISTINCT filename FROM stored SEMI JOIN repeated USING ({key});
