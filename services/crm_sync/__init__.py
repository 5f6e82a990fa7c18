"""CRM-sync: the owner of the entity directory and of the connections to CRMs."""
