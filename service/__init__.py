"""The web service around :mod:`redact`: documents that are uploaded, masked by workers, looked at and corrected by people."""
