"""Words of ``key=value`` lines."""


def is_quoted(data):
    """True for text between two equal quotes."""
    return len(data) > 0 and data[0] in "\"'" and data[0] == data[-1]


def unquote(data):
    """``data`` without the quotes around it."""
    return data[1:-1] if is_quoted(data) else data


def split_args(args):
    """The words of a line; blanks in quotes and in Jinja2's braces do not part them."""
    words, word, quote, depth = [], "", None, 0
    for number, letter in enumerate(args):
        pair = args[number:number + 2]
        if quote:
            quote = None if letter == quote and args[number - 1] != "\\" else quote
        elif letter in "\"'" and args[number - 1:number] != "\\" and not depth:
            quote = letter
        elif pair in ("{{", "{%", "{#"):
            depth += 1
        elif pair in ("}}", "%}", "#}"):
            depth -= 1
        if letter in " \n" and not quote and depth <= 0:
            words += [word] if word else []
            word = ""
        else:
            word += letter
    words += [word] if word else []
    if quote or depth > 0:
        raise Exception("error while splitting arguments, either an unbalanced jinja2 block or quotes")
    return words
