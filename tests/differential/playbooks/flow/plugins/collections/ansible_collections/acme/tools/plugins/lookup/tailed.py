from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: tailed
extends_documentation_fragment: acme.tools.shared
options:
  upper:
    type: bool
    default: false
"""


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        tail = self.get_option("tail")
        return [term + "-" + (tail.upper() if self.get_option("upper") else tail) for term in terms]
