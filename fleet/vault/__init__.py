"""Ansible Vault: the format of encrypted text, where its passwords come from, and opening with them."""
