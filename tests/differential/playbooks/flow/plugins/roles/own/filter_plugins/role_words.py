class FilterModule:
    def filters(self):
        return {"whisper": lambda text: text.lower()}
