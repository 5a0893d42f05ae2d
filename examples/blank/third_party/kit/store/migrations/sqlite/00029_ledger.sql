-- +goose Up

-- What model calls took before it was kept by day. Of calls that failed nothing
-- is known. A canary is a copy of its draft.
INSERT INTO tallies (day, name, key, n)
    SELECT day, 'model.calls', model_name, SUM(tries) FROM
        (SELECT created_at / 86400000000 AS day, model_name, CASE WHEN json_valid(usage) THEN COALESCE(json_extract(usage, '$.tries'), 0) ELSE 0 END AS tries FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(tries) > 0
    UNION ALL SELECT day, 'model.seconds', model_name, SUM(elapsed) / 1000000000.0 FROM
        (SELECT created_at / 86400000000 AS day, model_name, CASE WHEN json_valid(usage) THEN COALESCE(json_extract(usage, '$.elapsed'), 0) ELSE 0 END AS elapsed FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(elapsed) > 0
    UNION ALL SELECT day, 'model.prompt', model_name, SUM(tokens) FROM
        (SELECT created_at / 86400000000 AS day, model_name, CASE WHEN json_valid(usage) THEN COALESCE(json_extract(usage, '$.prompt_tokens'), 0) ELSE 0 END AS tokens FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(tokens) > 0
    UNION ALL SELECT day, 'model.output', model_name, SUM(tokens) FROM
        (SELECT created_at / 86400000000 AS day, model_name, CASE WHEN json_valid(usage) THEN COALESCE(json_extract(usage, '$.output_tokens'), 0) ELSE 0 END AS tokens FROM drafts WHERE NOT canary) x
        GROUP BY day, model_name HAVING SUM(tokens) > 0;
