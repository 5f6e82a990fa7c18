"""CRM-sync: for now the owner of the entity directory."""
