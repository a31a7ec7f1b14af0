"""PyYAML, where the host has it."""

HAS_YAML = HAS_LIBYAML = False
try:
    import yaml
    HAS_YAML = True
    HAS_LIBYAML = bool(yaml.__with_libyaml__)
except ImportError:
    yaml = None

if HAS_YAML:
    SafeLoader = yaml.CSafeLoader if HAS_LIBYAML else yaml.SafeLoader
    SafeDumper = yaml.CSafeDumper if HAS_LIBYAML else yaml.SafeDumper

    def yaml_load(text):
        return yaml.load(text, Loader=SafeLoader)

    def yaml_dump(data, **kwargs):
        return yaml.dump(data, Dumper=SafeDumper, **kwargs)
