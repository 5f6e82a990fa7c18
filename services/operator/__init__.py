"""The operator's command line, `doclink`: it talks to the services over the broker alone."""
