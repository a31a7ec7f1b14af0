class TestModule:
    def tests(self):
        return {"odd_sized": lambda value: len(value) % 2 == 1}
