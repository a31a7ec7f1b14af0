class ModuleDocFragment:
    DOCUMENTATION = """
options:
  tail:
    default: end
    env:
      - name: ACME_TAIL
"""
