"""How the service is run on servers: an image, a set of containers, a systemd unit, and the bucket that they need."""
