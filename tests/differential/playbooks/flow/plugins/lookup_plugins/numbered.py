from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

DOCUMENTATION = """
name: numbered
short_description: numbers its terms
options:
  start:
    type: int
    default: 1
    vars:
      - name: numbered_start
  mark:
    default: "."
    choices: [".", ")"]
  _terms:
    description: what to number
"""
display = Display()


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        if not terms:
            raise AnsibleError("nothing to number")
        start = self.get_option("start")
        display.vvvv("numbering")
        return [
            "%d%s %s" % (start + place, self.get_option("mark"), term)
            for place, term in enumerate(self._flatten(terms))
        ]
