-- rows: the templates that the split's verified samples were drawn with
SELECT template, count(*) AS n FROM corpus WHERE verified AND split = $split GROUP BY template ORDER BY n DESC, template;
