"""How processes of one's own are started, talked to and ended: those of the sandbox, and workers."""
