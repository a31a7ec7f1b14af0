"""JSON among other output."""


def _filter_non_json_lines(data, objects_only=False):
    """(the JSON text, warnings about what stands around it). ValueError where there is none."""
    starts = ("{",) if objects_only else ("{", "[")
    lines = data.splitlines()
    first = next((number for number, line in enumerate(lines) if line.strip().startswith(starts)), None)
    if first is None:
        raise ValueError("No start of json char found")
    lines = lines[first:]
    close = "}" if lines[0].strip().startswith("{") else "]"
    last = next((number for number in range(len(lines) - 1, -1, -1) if lines[number].strip().endswith(close)), None)
    if last is None:
        raise ValueError("No end of json char found")
    junk = "\n".join(lines[last + 1:]).strip()
    notes = ["Module invocation had junk after the JSON data: %s" % junk] if junk else []
    return "\n".join(lines[:last + 1]), notes
