-- scorer: where the weights of policy $policy_id are
-- grain: one row if it is registered
SELECT path FROM policies WHERE policy_id = $policy_id::VARCHAR;
