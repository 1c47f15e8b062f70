-- policy_of(folder): the policy_id of the policy in a folder of this name, so that a query may say 'alpha-0.25'
-- grain: one value; NULL where there is none, an error where there are several
CREATE OR REPLACE MACRO policy_of(folder) AS (SELECT policy_id FROM policies WHERE parse_filename(path) = folder);
