from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables, **kwargs):
        found = []
        for term in terms:
            path = self.find_file_in_search_path(variables, "files", term)
            found.append(open(path).read().strip() if path else "none")
        return found + [self._templar.template(variables["templated"]), variables.get("nobody", "-")]
