"""A folder of attachments by a roster: what was done is kept in a ledger, what came of it in reports for people."""
