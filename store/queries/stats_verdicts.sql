-- rows: samples by verdict, the most frequent first
SELECT coalesce(verdict, 'waiting') AS verdict, count(*) AS n FROM corpus GROUP BY ALL ORDER BY n DESC;
