"""A private Comporta on this machine: real servers, the daemons and nginx, each a plain process."""
