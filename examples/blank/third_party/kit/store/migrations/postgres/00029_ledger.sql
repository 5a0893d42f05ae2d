-- +goose Up

-- What model calls took before it was kept by day. Of calls that failed nothing
-- is known. A canary is a copy of its draft.
INSERT INTO tallies (day, name, key, n)
    SELECT day, 'model.calls', model_name, SUM(tries) FROM
        (SELECT created_at / 86400000000 AS day, model_name, COALESCE(CAST(substring(usage from '"tries": *([0-9]+)') AS DOUBLE PRECISION), 0) AS tries FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(tries) > 0
    UNION ALL SELECT day, 'model.seconds', model_name, SUM(elapsed) / 1000000000.0 FROM
        (SELECT created_at / 86400000000 AS day, model_name, COALESCE(CAST(substring(usage from '"elapsed": *([0-9]+)') AS DOUBLE PRECISION), 0) AS elapsed FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(elapsed) > 0
    UNION ALL SELECT day, 'model.prompt', model_name, SUM(tokens) FROM
        (SELECT created_at / 86400000000 AS day, model_name, COALESCE(CAST(substring(usage from '"prompt_tokens": *([0-9]+)') AS DOUBLE PRECISION), 0) AS tokens FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(tokens) > 0
    UNION ALL SELECT day, 'model.output', model_name, SUM(tokens) FROM
        (SELECT created_at / 86400000000 AS day, model_name, COALESCE(CAST(substring(usage from '"output_tokens": *([0-9]+)') AS DOUBLE PRECISION), 0) AS tokens FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(tokens) > 0;
